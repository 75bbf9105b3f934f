// deploy/kubernetes: what is written is what Kubernetes takes, kubectl builds it, its parts fit each other and the image.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseDuration } from '../../src/config/option-values.ts';
import { options } from '../../src/config/options.ts';
import { readSettings } from '../../src/config/settings.ts';
import { root } from '../docs/pages.ts';
import { isKnownToGitSync } from './git-sync-words.ts';
import {
  builtManifests,
  faultsOf,
  hasKustomize,
  type Manifest,
  type NamedManifest,
  writtenManifest,
  writtenManifests,
  writtenVariables,
} from './manifests.ts';

const overlays = ['base', 'replicas', 'overlays/accounts', 'overlays/example', 'overlays/replicas'];
const stateful = writtenManifest('base', 'StatefulSet');
const deployment = writtenManifest('replicas', 'Deployment');
const job = writtenManifest('replicas', 'Job');
const image = readFileSync(join(root, 'Dockerfile'), 'utf8');

test('Kubernetes and the Prometheus operator take each file', async () => {
  expect(await faultsOf(writtenManifests())).toEqual([]);
});

test('what Kubernetes would not take is found', async () => {
  const faults: [(manifest: Manifest) => void, RegExp][] = [
    [({ spec }) => (spec.replicas = '1'), /replicas/],
    [({ spec }) => delete spec.selector, /selector/],
    [({ spec }) => (spec.template.spec.containers[0].livenesProbe = {}), /livenesProbe/],
    [
      ({ spec }) => (spec.template.spec.containers[0].ports[0].containerPort = 'status'),
      /ontainerPort/,
    ],
    [({ spec }) => (spec.template.spec.securityContext.runAsNonRoot = 'yes'), /runAsNonRoot/],
    [({ spec }) => (spec.template.spec.volumes[2].secret.secretname = 'key'), /secretname/],
  ];
  const spoilt = faults.map(([spoil], n): NamedManifest => {
    const manifest = structuredClone(stateful);
    spoil(manifest);
    return { name: `fault ${n}.`, manifest };
  });
  const monitor = structuredClone(writtenManifest('components/monitoring', 'PodMonitor'));
  monitor.spec.podMetricsEndpoints[0].pathh = '/metrics';
  const found = await faultsOf([...spoilt, { name: 'monitor', manifest: monitor }]);
  for (const [n, [, words]] of faults.entries()) {
    expect(found.filter((one) => one.startsWith(`fault ${n}.`)).join(), `${n}`).toMatch(words);
  }
  expect(found.join()).toMatch(/monitor: .*pathh/);
});

describe.skipIf(!hasKustomize)('kubectl', () => {
  const built = () => overlays.map((under) => [under, builtManifests(under)] as const);

  test('builds each folder, and Kubernetes takes what it makes', async () => {
    const all = built();
    expect(await faultsOf(all.flatMap(([, manifests]) => manifests))).toEqual([]);
    for (const [under, manifests] of all) {
      const variables = manifests.filter(({ manifest }) => manifest.kind === 'ConfigMap');
      const ours = variables.find(({ manifest }) =>
        /^widget-sync-\w{10}$/.test(manifest.metadata.name),
      );
      expect(() => readSettings({}, ours?.manifest.data), under).not.toThrow();
      const git = variables.find(({ manifest }) => manifest.metadata.name.startsWith('git-sync-'));
      expect(Object.keys(git?.manifest.data).filter((name) => !isKnownToGitSync(name))).toEqual([]);
    }
  });

  test('puts the image, the variables and the namespace of the examples where they belong', () => {
    for (const [under, manifests] of built().filter(([name]) => name.startsWith('overlays/'))) {
      const kinds = manifests.map(({ manifest }) => manifest.kind);
      expect(new Set(kinds), under).toEqual(
        new Set([
          'ConfigMap',
          ...(under.endsWith('replicas')
            ? ['Deployment', 'PodDisruptionBudget', 'Job']
            : ['Service', 'StatefulSet']),
          'PodMonitor',
          'PrometheusRule',
          'NetworkPolicy',
        ]),
      );
      const namespaces = manifests.map(({ manifest }) => manifest.metadata.namespace);
      expect(new Set(namespaces)).toEqual(new Set(['widgets']));
      const names = new Set(
        manifests.flatMap(({ manifest }) =>
          manifest.kind === 'ConfigMap' ? manifest.metadata.name : [],
        ),
      );
      for (const pod of manifests.flatMap(({ manifest }) => manifest.spec?.template?.spec ?? [])) {
        const [{ image: ours, envFrom }] = pod.containers;
        expect(ours).toBe('registry.example/widget-sync:0.2.0');
        const maps = envFrom.flatMap((one: Manifest) => one.configMapRef?.name ?? []);
        expect(maps.filter((name: string) => !names.has(name))).toEqual([]);
      }
    }
  });

  test('makes the dashboard a config map that Grafana finds, as it is', () => {
    const [dashboard] = builtManifests('overlays/example').flatMap(({ manifest }) =>
      manifest.metadata.labels?.grafana_dashboard === '1' ? manifest : [],
    );
    const file = join(root, 'deploy/kubernetes/components/monitoring/grafana.json');
    expect(dashboard.data).toEqual({ 'grafana.json': readFileSync(file, 'utf8') });
  });
});

test('the operator gets the very rules that Prometheus reads', () => {
  const { spec } = writtenManifest('components/monitoring', 'PrometheusRule');
  expect(spec).toEqual(parse(readFileSync(join(root, 'deploy/alerts.yaml'), 'utf8')));
});

const pods: [string, Manifest][] = [
  ['the replica of one account', stateful],
  ['a replica of many', deployment],
  ['the job for the tables', job],
];

describe.each(pods)('%s', (_, { spec }) => {
  const pod = spec.template.spec;
  const containers: Manifest[] = [...(pod.initContainers ?? []), ...pod.containers];
  const claims: Manifest[] = spec.volumeClaimTemplates ?? [];

  test('mounts what there is, and has no volume for nothing', () => {
    const volumes = [
      ...pod.volumes.map(({ name }: Manifest) => name),
      ...claims.map(({ metadata }) => metadata.name),
    ];
    const mounted = containers.flatMap(({ volumeMounts }) =>
      volumeMounts.map(({ name }: Manifest) => name),
    );
    expect(new Set(mounted)).toEqual(new Set(volumes));
  });

  test('asks at ports that it opens', () => {
    for (const { ports = [], livenessProbe, readinessProbe, startupProbe } of containers) {
      const names = ports.map(({ name }: Manifest) => name);
      const asked = [livenessProbe, readinessProbe, startupProbe].flatMap(
        (probe) => probe?.httpGet.port ?? [],
      );
      expect(asked.filter((port) => !names.includes(port))).toEqual([]);
    }
  });

  test('may do nothing that it need not', () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const { name, securityContext, resources } of containers) {
      expect(securityContext, name).toMatchObject({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
      expect(resources, name).toMatchObject({
        requests: { cpu: expect.any(String), memory: expect.any(String) },
        limits: { memory: expect.any(String) },
      });
    }
    const { runAsUser, runAsGroup } = pod.containers[0].securityContext;
    expect(image).toContain(`\nUSER ${runAsUser}:${runAsGroup}\n`);
  });

  test('is found by what selects it', () => {
    const { labels } = spec.template.metadata;
    expect(labels).toMatchObject(spec.selector?.matchLabels ?? {});
    const policy = writtenManifest('components/network-policy', 'NetworkPolicy');
    const monitor = writtenManifest('components/monitoring', 'PodMonitor');
    expect(labels).toMatchObject(policy.spec.podSelector.matchLabels);
    expect(labels).toMatchObject(monitor.spec.selector.matchLabels);
  });

  test('gives git-sync words that it knows', () => {
    for (const { name, args } of pod.initContainers ?? []) {
      expect(name).toBe('git-sync');
      expect(args.filter((word: string) => !isKnownToGitSync(word))).toEqual([]);
    }
  });
});

test('the ports of probes, monitor and service are the one that is served', () => {
  for (const [under, { spec }] of [
    ['base', stateful],
    ['replicas', deployment],
  ] as const) {
    const { WIDGET_SYNC_SERVE } = writtenVariables(under)['widget-sync'] ?? {};
    const [{ ports }] = spec.template.spec.containers;
    expect(ports).toEqual([
      { name: 'status', containerPort: Number(WIDGET_SYNC_SERVE?.split(':')[1]) },
    ]);
  }
  const { spec: service } = writtenManifest('base', 'Service');
  expect(service.ports).toMatchObject([{ targetPort: 'status' }]);
  expect(stateful.spec.serviceName).toBe('widget-sync');
  const { spec: monitor } = writtenManifest('components/monitoring', 'PodMonitor');
  expect(monitor.podMetricsEndpoints).toMatchObject([{ port: 'status', path: '/metrics' }]);
});

test('one replica keeps its state where the image has it, and replicas keep none', () => {
  const [, place = ''] = /WIDGET_SYNC_STATE=(\S+)/.exec(image) ?? [];
  const placesOf = ({ spec }: Manifest) =>
    spec.template.spec.containers[0].volumeMounts.map(({ mountPath }: Manifest) => mountPath);
  expect(stateful.spec.replicas).toBe(1);
  expect(stateful.spec.volumeClaimTemplates).toHaveLength(1);
  expect(placesOf(stateful)).toContain(place);
  expect(placesOf(deployment)).not.toContain(place);
  expect(deployment.spec.template.spec.volumes.flatMap(Object.keys)).not.toContain(
    'persistentVolumeClaim',
  );
});

test('replicas are renewed and drained one at a time, with time to end what is in flight', () => {
  const { replicas, strategy, selector, template } = deployment.spec;
  expect(replicas).toBe(2);
  expect(strategy.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
  expect(writtenManifest('replicas', 'PodDisruptionBudget').spec).toEqual({
    maxUnavailable: 1,
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
    selector,
  });
  const longestMs = parseDuration(options.timeout.fallback);
  expect(template.spec.terminationGracePeriodSeconds * 1000).toBeGreaterThan(longestMs + 10_000);
});

test('Argo CD runs the job for the tables where the config maps that it needs are there', () => {
  // Hooks of PreSync run before anything else is applied: https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
  expect(job.metadata.annotations).toEqual({
    'argocd.argoproj.io/hook': 'Sync',
    'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
    'kustomize.toolkit.fluxcd.io/force': 'enabled',
  });
  const [{ envFrom }] = job.spec.template.spec.containers;
  const maps = envFrom.flatMap((one: Manifest) => one.configMapRef?.name ?? []);
  expect(Object.keys(writtenVariables('replicas'))).toEqual(expect.arrayContaining(maps));
  expect(maps).not.toEqual([]);
});
