# The image of widget-sync: Node, the bundled command, and the packages that it reads beside its bundle.
#
#   docker build -t widget-sync .
#   docker run --read-only -v widget-sync-state:/state -v "$PWD:/repo:ro" … widget-sync run /repo/widgets
#
# The whole repository, since half a checkout is only seen where .git is.

# Any image with node and npm; the newest LTS unless told otherwise.
ARG NODE_IMAGE=node:26-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
# The manifests alone first: an edit of the sources then leaves the installed packages in the cache.
# No scripts: `prepare` would build from sources that are not here yet.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY .build ./.build
COPY schemas ./schemas
COPY deploy/gitlab-ci.yml deploy/pre-commit-config.yaml ./deploy/
COPY deploy/workflows ./deploy/workflows
COPY src ./src
# A checkout made under a strict umask keeps its modes here, and another user has to read these files.
RUN npm run build && chmod -R a+rX package.json schemas deploy dist

# A stage of its own, so that neither npm's cache nor its logs reach the image.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="widget-sync" \
      org.opencontainers.image.description="GitOps for chat widgets: commit one YAML file per widget, and a worker keeps Insighto.ai in step." \
      org.opencontainers.image.licenses="MIT"

# A new named volume takes owner and mode from here. There is no VOLUME line on purpose: where the
# mount is forgotten, it would keep the state in a volume that goes with the container, and nobody
# would notice. /widgets is not made either: where its mount is forgotten, the log says what is waited for.
RUN install -d -m 0700 -o 1000 -g 1000 /state

# What changes least comes first. Everything belongs to root: the program cannot alter itself.
COPY --from=dependencies /app/node_modules /app/node_modules
COPY --from=build /app/schemas /app/schemas
COPY --from=build /app/deploy /app/deploy
# The program reads its version from package.json, and Node that these are ES modules.
COPY --from=build /app/package.json /app/package.json
COPY --from=build /app/dist /app/dist

ENV NODE_ENV=production \
    WIDGET_SYNC_STATE=/state
# So that ./widgets, the default of every command, is /widgets.
WORKDIR /
# By number: Kubernetes cannot tell from a name that it is not root (runAsNonRoot).
USER 1000:1000
# By the sign of life in the state, or, where WIDGET_SYNC_SERVE is set, by asking there.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["node", "/app/dist/main.js", "health"]
# No shell and no npm in between: node is process 1 and gets the signals itself.
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["run", "/widgets"]
