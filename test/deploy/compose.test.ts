// The files for Compose: they have words that there are, name what there is, and are as closed as the pods of Kubernetes.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseDuration } from '../../src/config/option-values.ts';
import { options } from '../../src/config/options.ts';
import { root } from '../docs/pages.ts';
import { composeFiles, readCompose } from './compose-files.ts';
import { isKnownToGitSync } from './git-sync-words.ts';
import { writtenManifest } from './manifests.ts';

test('git takes neither the keys nor the passwords that the page puts beside the files', () => {
  const secret = ['deploy/.env', 'deploy/keys/key', 'deploy/keys/fernwood'];
  const { stdout } = spawnSync('git', ['check-ignore', ...secret], { cwd: root, encoding: 'utf8' });
  expect(stdout.trim().split('\n')).toEqual(secret);
});

describe.each(composeFiles)('%s', (file) => {
  const compose = readCompose(file);
  const services = Object.entries(compose.services);
  const ours = services.filter(([, { image }]) => image === 'widget-sync');

  test('has words that Compose knows, and none besides', () => {
    expect(faultsOf(parse(readFileSync(join(root, 'deploy', file), 'utf8')))).toEqual([]);
  });

  test('depends on services that there are, and mounts volumes and files that there are', () => {
    for (const [name, { depends_on = [], volumes = [] }] of services) {
      const needed = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on);
      expect(
        needed.filter((one) => compose.services[one] === undefined),
        name,
      ).toEqual([]);
      for (const volume of volumes) {
        const [from = '', to = ''] = volume.split(':');
        expect(to, volume).toMatch(/^\//);
        // The keys are the user's own.
        if (!from.startsWith('./')) expect(Object.keys(compose.volumes)).toContain(from);
        else if (from !== './keys') expect(existsSync(join(root, 'deploy', from))).toBe(true);
      }
    }
    const used = services.flatMap(([, { volumes = [] }]) =>
      volumes.map((one) => one.split(':')[0]),
    );
    expect(Object.keys(compose.volumes).filter((name) => !used.includes(name))).toEqual([]);
  });

  test('says which of the variables in .env is missing', () => {
    const names = [...readFileSync(join(root, 'deploy', file), 'utf8').matchAll(/\$\{(\w+):\?/g)];
    for (const name of new Set(names.map(([, one = '']) => one))) {
      expect(() => readCompose(file, { [name]: '' }), name).toThrow(/^\w+: /);
    }
  });

  test('keeps ours closed, and gives it time to end what is in flight', () => {
    expect(ours.length).toBeGreaterThan(0);
    for (const [name, service] of ours) {
      expect(service, name).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    }
    const {
      stop_grace_period = '',
      ports = [],
      healthcheck,
    } = compose.services['widget-sync'] ?? {};
    expect(parseDuration(stop_grace_period)).toBeGreaterThan(10_000);
    expect(healthcheck?.test).toEqual(['CMD', 'widget-sync', 'health']);
    expect(ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+(-\d+)?:8081$/)]);
  });

  test('gives git-sync words that it knows, and the image of the pods', () => {
    const { image, command = [], environment = {} } = compose.services['git-sync'] ?? {};
    const words = [...command, ...Object.keys(environment)];
    expect(words.filter((word) => !isKnownToGitSync(word))).toEqual([]);
    const pod = writtenManifest('base', 'StatefulSet').spec.template.spec;
    expect(image).toBe(pod.initContainers[0].image);
  });
});

test('the replicas have a port each, and more time than their longest request', () => {
  const { services } = readCompose('compose.replicas.yaml');
  const { deploy, ports = [], stop_grace_period = '' } = services['widget-sync'] ?? {};
  const [, first = '', last = ''] = /:(\d+)-(\d+):/.exec(ports[0] ?? '') ?? [];
  expect(Number(last) - Number(first) + 1).toBe(deploy?.replicas);
  const longestMs = parseDuration(options.timeout.fallback);
  expect(parseDuration(stop_grace_period)).toBeGreaterThan(longestMs + 10_000);
});

test('what Compose would not take is found', () => {
  const file = parse(readFileSync(join(root, 'deploy/compose.yaml'), 'utf8'));
  const spoilt = (spoil: (service: Record<string, unknown>) => void) => {
    const copy = structuredClone(file);
    spoil(copy.services['widget-sync']);
    return faultsOf(copy).join();
  };
  expect(spoilt((service) => (service['stop_grace'] = '15s'))).toContain('stop_grace');
  expect(spoilt((service) => (service['read_only'] = 'yes'))).toContain('read_only');
  expect(spoilt((service) => (service['healthcheck'] = { tests: [] }))).toContain('healthcheck');
  expect(spoilt((service) => (service['volumes'] = { git: '/git' }))).toContain('volumes');
});

/** What of Compose is used here, with the type of each; https://github.com/compose-spec/compose-spec/blob/main/05-services.md */
const serviceWords: Record<string, (value: unknown) => boolean> = {
  ...Object.fromEntries(
    ['image', 'build', 'restart', 'stop_grace_period'].map((word) => [word, isText]),
  ),
  ...Object.fromEntries(
    ['volumes', 'command', 'tmpfs', 'cap_drop', 'security_opt', 'ports'].map((word) => [
      word,
      isList,
    ]),
  ),
  environment: (value) => Object.values(value ?? {}).every(isText),
  read_only: (value) => typeof value === 'boolean',
  healthcheck: (value) =>
    hasOnly(value, ['test', 'interval', 'timeout', 'start_period', 'retries']),
  deploy: (value) => hasOnly(value, ['replicas']),
  depends_on: (value) =>
    isList(value) || Object.values(value ?? {}).every((one) => hasOnly(one, ['condition'])),
};

function faultsOf(file: Record<string, Record<string, Record<string, unknown>>>): string[] {
  const outer = Object.keys(file).filter((word) => !['name', 'services', 'volumes'].includes(word));
  const inner = Object.entries(file['services'] ?? {}).flatMap(([name, service]) =>
    Object.entries(service).flatMap(([word, value]) =>
      serviceWords[word]?.(value) === true ? [] : `${name}: ${word}`,
    ),
  );
  return [...outer, ...inner];
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function hasOnly(value: unknown, words: readonly string[]): boolean {
  return Object.keys(value ?? {}).every((word) => words.includes(word));
}
