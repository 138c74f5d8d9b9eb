/** Which columns of a CSV file hold the addresses of hosts, by the names that spreadsheets and address management systems give them. */

/** `IP`, `IPs`, `IPv4 Address`, `IP Addresses`, `ip_addr`, `Management IP`, `primary_ip4`, `IP-Adresse`, `Adresse IP` … */
const IP_COLUMN =
  /^((host|mgmt|management|primary|device|server)_)?ip(s|_?v?[46])?(_?(addr|address|addresses|adresse|adressen))?(_?v?[46])?$|^(adresse|direcci[o\u00f3]n|indirizzo)_ip$/;
/** A column of this name may hold postal addresses, so it counts only if there is no better one. */
const ADDRESS_COLUMN = /^(address|addresses|addr|adresse)$/;

/** The name of a column as it is compared: lower case, `_` for blanks, dots and hyphens. */
function columnName(cell: string): string {
  return cell
    .trim()
    .toLowerCase()
    .replaceAll(/[\s.-]+/g, '_');
}

/** The columns of addresses in a header, from 0: several if IPv4 and IPv6 have one each. */
export function addressColumns(header: readonly string[]): number[] {
  const certain = columnsNamed(header, IP_COLUMN);
  return certain.length > 0 ? certain : columnsNamed(header, ADDRESS_COLUMN).slice(0, 1);
}

/** The columns whose names, made comparable, match. */
export function columnsNamed(header: readonly string[], pattern: RegExp): number[] {
  return header.flatMap((cell, i) => (pattern.test(columnName(cell)) ? [i] : []));
}

/** The address in a cell, without the length or the mask of the network that the host is in. */
export function addressInCell(cell: string): string {
  // The look back has each run of blanks looked through once.
  return cell.trim().replace(/(?<!\s)(\s*\/\s*[\d.]+|\s+255(\.\d{1,3}){3})(?=%|$)/, '');
}
