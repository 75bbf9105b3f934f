// The files for Compose, with their variables put in as Compose does it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../docs/pages.ts';

export interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart?: string;
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly deploy?: { readonly replicas: number };
}

export interface ComposeFile {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export const composeFiles = ['compose.yaml', 'compose.replicas.yaml'];

/** `variables`: what stands in `.env`. Throws where one is missing that has to be there. */
export function readCompose(file: string, variables: Record<string, string> = allSet): ComposeFile {
  const text = readFileSync(join(root, 'deploy', file), 'utf8');
  return parse(text, (_, value) => (typeof value === 'string' ? filled(value, variables) : value));
}

export function serviceOf(file: string, name: string): Service {
  const service = readCompose(file).services[name];
  if (service === undefined) throw new Error(`${file} has no service ${name}`);
  return service;
}

/** What has to be set. */
const allSet = {
  WIDGETS_REPO: 'https://git.example/team/widgets.git',
  POSTGRES_PASSWORD: 'superuser',
  OWNER_PASSWORD: 'owner',
  REPLICA_PASSWORD: 'replica',
};

/** `${NAME}`, `${NAME:-otherwise}` and `${NAME:?what it is}`. */
function filled(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name, sign, words) => {
    const value = variables[name] ?? '';
    if (value !== '') return value;
    if (sign === '-') return words;
    throw new Error(`${name}: ${words}`);
  });
}
