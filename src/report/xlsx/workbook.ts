/** The file around the sheets: a ZIP archive that leaves piece by piece, one sheet after the other. */

import { Zip, ZipDeflate } from 'fflate';
import { STYLES_XML } from './styles.ts';
import { XML_HEAD, xmlText } from './xml.ts';

const FORMATS = 'http://schemas.openxmlformats.org';
const MAIN = `${FORMATS}/spreadsheetml/2006/main`;
const RELATIONSHIP = `${FORMATS}/officeDocument/2006/relationships`;
const RELATIONSHIPS = `${FORMATS}/package/2006/relationships`;
const CONTENT = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** More effort takes several times as long and saves little. */
const LEVEL = 1;

interface SheetEntry {
  readonly name: string;
  /** The cells under its filters, such as `A1:U255`; '' for no filters. */
  filtered: string;
}

export class Workbook {
  private readonly sheets: SheetEntry[] = [];
  private part: ZipDeflate | undefined;
  private pieces: Uint8Array[] = [];
  private readonly zip = new Zip((error, piece) => {
    if (error) throw error;
    this.pieces.push(piece);
  });

  /** Begins a sheet, which gets what is pushed until `endSheet`. */
  beginSheet(name: string): void {
    this.sheets.push({ name, filtered: '' });
    this.part = this.begin(`xl/${sheetPath(this.sheets.length - 1)}`);
  }

  /** @param octets of the sheet's XML, which may be overwritten afterwards */
  push(octets: Uint8Array): void {
    this.part!.push(octets);
  }

  /** @param filtered the cells under the sheet's filters; '' for no filters */
  endSheet(filtered: string): void {
    this.sheets.at(-1)!.filtered = filtered;
    this.part!.push(new Uint8Array(), true);
  }

  /** What there is of the file since the last call. */
  take(): Uint8Array {
    const { pieces } = this;
    this.pieces = [];
    return Buffer.concat(pieces);
  }

  /** Completes the file and returns the rest of it. */
  end(): Uint8Array {
    this.add('xl/styles.xml', STYLES_XML);
    this.add('xl/workbook.xml', workbookXml(this.sheets));
    this.add('xl/_rels/workbook.xml.rels', workbookRelationsXml(this.sheets.length));
    this.add(
      '_rels/.rels',
      relationsXml([['rId1', `${RELATIONSHIP}/officeDocument`, 'xl/workbook.xml']]),
    );
    this.add('[Content_Types].xml', contentTypesXml(this.sheets.length));
    this.zip.end();
    return this.take();
  }

  private begin(path: string): ZipDeflate {
    const part = new ZipDeflate(path, { level: LEVEL });
    this.zip.add(part);
    return part;
  }

  private add(path: string, xml: string): void {
    this.begin(path).push(new TextEncoder().encode(xml), true);
  }
}

function workbookXml(sheets: readonly SheetEntry[]): string {
  const entries = sheets.map(
    ({ name }, i) => `<sheet name="${xmlText(name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`,
  );
  // Excel keeps the range of a filter twice: in the sheet, and under this hidden name.
  const filters = sheets.flatMap(({ name, filtered }, i) =>
    filtered === ''
      ? []
      : `<definedName name="_xlnm._FilterDatabase" localSheetId="${i}" hidden="1">` +
        `'${xmlText(name)}'!${filtered.replaceAll(/([A-Z]+)(\d+)/g, '$$$1$$$2')}</definedName>`,
  );
  return (
    `${XML_HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONSHIP}">` +
    `<sheets>${entries.join('')}</sheets>` +
    `${filters.length === 0 ? '' : `<definedNames>${filters.join('')}</definedNames>`}</workbook>`
  );
}

function workbookRelationsXml(sheets: number): string {
  const parts = Array.from(
    { length: sheets },
    (_, i) => [`rId${i + 1}`, `${RELATIONSHIP}/worksheet`, sheetPath(i)] as const,
  );
  return relationsXml([...parts, [`rId${sheets + 1}`, `${RELATIONSHIP}/styles`, 'styles.xml']]);
}

function relationsXml(relations: readonly (readonly [id: string, type: string, target: string])[]) {
  const entries = relations.map(
    ([id, type, target]) => `<Relationship Id="${id}" Type="${type}" Target="${target}"/>`,
  );
  return `${XML_HEAD}<Relationships xmlns="${RELATIONSHIPS}">${entries.join('')}</Relationships>`;
}

function contentTypesXml(sheets: number): string {
  const parts = [
    ['workbook.xml', 'sheet.main'],
    ['styles.xml', 'styles'],
    ...Array.from({ length: sheets }, (_, i) => [sheetPath(i), 'worksheet']),
  ];
  return (
    `${XML_HEAD}<Types xmlns="${FORMATS}/package/2006/content-types">` +
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    '<Default Extension="xml" ContentType="application/xml"/>' +
    parts
      .map(
        ([path, type]) => `<Override PartName="/xl/${path}" ContentType="${CONTENT}.${type}+xml"/>`,
      )
      .join('') +
    '</Types>'
  );
}

function sheetPath(index: number): string {
  return `worksheets/sheet${index + 1}.xml`;
}
