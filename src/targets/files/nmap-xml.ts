/** XML of nmap and masscan (`-oX`): the IP addresses of every `<host>`, whatever its status was. */

import sax from 'sax';
import type { PeekedText } from '../../text/peeked-text.ts';
import type { FoundTargets, TargetFormat } from './format.ts';

const IP_TYPES: readonly string[] = ['ipv4', 'ipv6'];

export const NMAP_XML: TargetFormat = {
  name: 'nmap XML',
  matches: (head) => /^\s*</.test(head),
  read: readNmapXml,
};

/** The parser is strict, resolves no entities but the five of XML, and refuses to keep more than 64 KB of a tag. */
async function readNmapXml(text: PeekedText, found: FoundTargets): Promise<void> {
  if (/^\s*(<!doctype html|<html)/i.test(text.head)) {
    throw found.refuse(undefined, 'is an HTML page', 'give the report as CSV or JSON Lines');
  }
  const parser = sax.parser(true, { position: true });
  /** The elements around, outermost first. */
  const path: string[] = [];
  let failure: Error | undefined;
  parser.onerror = () => {
    failure ??= found.refuse(
      parser.line + 1,
      'is not well-formed XML',
      'give the file as nmap wrote it, after nmap has ended',
    );
    parser.resume();
  };
  parser.onopentag = ({ name, attributes }) => {
    if (path.length === 0 && name !== 'nmaprun') {
      failure ??= found.refuse(
        parser.line + 1,
        'is XML, but not of nmap',
        'give a file that nmap -oX wrote, or a plain list',
      );
    }
    const { addr, addrtype } = attributes;
    const isAddress = name === 'address' && path.join('/') === 'nmaprun/host';
    if (isAddress && typeof addr === 'string' && IP_TYPES.includes(String(addrtype))) {
      found.host(addr, parser.line + 1);
    }
    path.push(name);
  };
  parser.onclosetag = () => {
    path.pop();
  };
  for await (const piece of text.whole) {
    parser.write(piece);
    if (failure !== undefined) throw failure;
  }
  parser.close();
  if (failure !== undefined) throw failure;
}
