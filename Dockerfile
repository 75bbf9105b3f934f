# The image of widget-sync: Node, the bundled command, and the packages that it reads beside its bundle.
#
#   docker build -t widget-sync --build-arg REVISION="$(git rev-parse HEAD)" .
#   docker run --read-only -v widget-sync-state:/state -v "$PWD:/repo:ro" … widget-sync run /repo/widgets
#
# The whole repository, since half a checkout is only seen where .git is.

# Node's active LTS. To be sure of what you get, name it with its digest: --build-arg NODE_IMAGE=node:26…@sha256:…
ARG NODE_IMAGE=node:26-bookworm-slim

# Nothing here depends on the processor: what is built on one is good for all.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
WORKDIR /app
# The manifests alone first: an edit of the sources then leaves the installed packages in the cache.
# No scripts: `prepare` would build from sources that are not here yet.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY LICENSE tsconfig.json ./
COPY .build ./.build
COPY schemas ./schemas
COPY deploy/gitlab-ci.yml deploy/pre-commit-config.yaml ./deploy/
COPY deploy/workflows ./deploy/workflows
COPY src ./src
# Source maps are for who looks into a crash with --enable-source-maps, in a checkout. A checkout made under a strict umask
# keeps its modes here, and another user has to read these files.
RUN npm run build && rm dist/*.map && chmod -R a+rX LICENSE package.json schemas deploy dist && chmod 0755 dist/main.js

# A stage of its own, so that neither npm's cache nor its logs reach the image.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The bill of materials names all packages that are in the program; of most of them the bundle has all that it needs, and
# those that stay are read beside it.
RUN npm ci --omit=dev --ignore-scripts \
 && npm sbom --sbom-format=cyclonedx --omit=dev --package-lock-only > sbom.cdx.json \
 && npm pkg delete $(node -p 'Object.keys(require("./package.json").dependencies).filter((name) => !["culori", "pg", "pino-pretty"].includes(name)).map((name) => `dependencies.${name}`).join(" ")') \
 && npm prune --omit=dev --ignore-scripts

FROM ${NODE_IMAGE}
# Nothing is installed here, and nothing that could be: npm is what most reports on images find fault with.
RUN rm -rf /usr/local/lib/node_modules /opt/yarn-* \
      /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg \
    # A new named volume takes owner and mode from here. There is no VOLUME line on purpose: where the
    # mount is forgotten, it would keep the state in a volume that goes with the container, and nobody
    # would notice. /widgets is not made either: where its mount is forgotten, the log says what is waited for.
 && install -d -m 0700 -o 1000 -g 1000 /state \
    # Every message names the command by this name.
 && ln -s /app/dist/main.js /usr/local/bin/widget-sync

# What changes least comes first. Everything belongs to root: the program cannot alter itself.
COPY --from=dependencies /app/node_modules /app/node_modules
COPY --from=dependencies /app/sbom.cdx.json /app/
COPY --from=build /app/schemas /app/schemas
COPY --from=build /app/deploy /app/deploy
# The program reads its version from package.json, and Node that these are ES modules.
COPY --from=build /app/package.json /app/LICENSE /app/
COPY --from=build /app/dist /app/dist

# Again, since each stage has arguments of its own.
ARG NODE_IMAGE
ARG SOURCE=""
ARG REVISION=""
ARG VERSION=""
LABEL org.opencontainers.image.title="widget-sync" \
      org.opencontainers.image.description="GitOps for chat widgets: commit one YAML file per widget, and a worker keeps Insighto.ai in step." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.base.name="${NODE_IMAGE}"

ENV NODE_ENV=production \
    WIDGET_SYNC_STATE=/state
# So that ./widgets, the default of every command, is /widgets.
WORKDIR /
# By number: Kubernetes cannot tell from a name that it is not root (runAsNonRoot).
USER 1000:1000
# No HEALTHCHECK: it would hold for every command, and call a long `apply` or a demo ill. Who starts `run` asks for
# `widget-sync health`, as deploy/compose.yaml does.
# No shell and no npm in between: node is process 1 and gets the signals itself.
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["run", "/widgets"]
