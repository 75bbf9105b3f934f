// Which hosts NO_PROXY exempts. curl's rules (names with their subdomains, addresses, networks), with
// the ports, the stars and the brackets that others accept besides.
import { BlockList, isIP } from 'node:net';

/** Whether `noProxy`, a list separated by commas or white space, names the host of an https URL. */
export function isExempt({ hostname, port }: URL, noProxy: string): boolean {
  const host = withoutBrackets(hostname.toLowerCase().replace(/\.$/, ''));
  const isMatch = isIP(host) === 0 ? namesHost : namesAddress;
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map(toEntry)
    .some((entry) => {
      if (entry.host === '*') return true;
      return (entry.port === null || entry.port === (port || '443')) && isMatch(entry.host, host);
    });
}

interface Entry {
  readonly host: string;
  readonly port: string | null;
}

/** An IPv6 address has colons of its own: only behind brackets does one begin a port. */
function toEntry(text: string): Entry {
  const [, before = '', port = null] = /^(\[.*\]|[^:]*):(\d+)$/.exec(text) ?? [];
  return port === null ? { host: text, port } : { host: before, port };
}

/** `example.com`, `.example.com` and `*.example.com` all stand for the host and its subdomains. */
function namesHost(entry: string, host: string): boolean {
  const name = entry.replace(/^\*?\./, '').replace(/\.$/, '');
  return name !== '' && (host === name || host.endsWith(`.${name}`));
}

/** In whatever spelling of the address, or as a network such as `10.0.0.0/8`. */
function namesAddress(entry: string, host: string): boolean {
  const [spelled = '', bits = null] = entry.split('/');
  const address = withoutBrackets(spelled);
  const family = familyOf(address);
  if (family === null) return false;
  const longest = family === 'ipv4' ? 32 : 128;
  const prefix = bits === null ? longest : Number(bits);
  if (bits === '' || !Number.isInteger(prefix) || prefix < 0 || prefix > longest) return false;
  const network = new BlockList();
  network.addSubnet(address, prefix, family);
  return network.check(host, familyOf(host) ?? 'ipv4');
}

function familyOf(address: string): 'ipv4' | 'ipv6' | null {
  const version = isIP(address);
  if (version === 0) return null;
  return version === 4 ? 'ipv4' : 'ipv6';
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') ? host.replace(/^\[(.*?)\](?=$|\/)/, '$1') : host;
}
