// Where `run --serve` listens, and where `health` asks: the same text says both.
import { isIP } from 'node:net';

export interface ServeAddress {
  /** An IP address of this machine, without brackets. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

const expected =
  'a port such as 8081, which serves this machine alone, an address with one such as 0.0.0.0:8081 or [::]:8081, or off';

const loopback = '127.0.0.1';

/** A port alone means loopback. Null for `off`. */
export function parseServe(text: string): ServeAddress | null {
  if (text === 'off') return null;
  const [, bracketed, plain, digits] =
    /^(?:(?:\[([^\]]*)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? (plain === 'localhost' ? loopback : (plain ?? loopback));
  const port = digits === undefined ? Number.NaN : Number(digits);
  const isAddress = bracketed === undefined ? isIP(host) === 4 : isIP(host) === 6;
  if (!isAddress || !(port <= 65_535)) throw new Error(expected);
  return { host, port };
}

/** Names by which a browser may ask beside those of loopback, in lower case; `none` for none. */
export function parseServeHosts(text: string): readonly string[] {
  if (text === 'none') return [];
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  if (!names.every(isHostName)) {
    throw new Error(
      'names of hosts such as widgets.example.com, without a port, with commas between, or none',
    );
  }
  return names;
}

const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

function isHostName(name: string): boolean {
  const [, address] = /^\[(.*)\]$/.exec(name) ?? [];
  if (address !== undefined) return isIP(address) === 6;
  return name.length <= 253 && name.split('.').every((part) => label.test(part));
}

/** The address as a URL, as this machine reaches it: one that stands for all is reached by loopback. */
export function urlOf({ host, port }: ServeAddress): string {
  if (host === '0.0.0.0') return `http://${loopback}:${port}`;
  if (isIP(host) === 4) return `http://${host}:${port}`;
  return `http://[${/^[0:]+$/.test(host) ? '::1' : host}]:${port}`;
}
