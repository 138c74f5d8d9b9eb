/** How the cells of a workbook look: the numbers of its styles, and the part of the file that defines them. */

import { XML_HEAD } from './xml.ts';

/** Indices of `cellXfs` below. */
export const STYLE = { heading: 1, text: 2, time: 3, whole: 4 } as const;

/** The style of a figure with so many decimals. */
export function figureStyle(decimals: number): number {
  return STYLE.whole + decimals;
}

/** 14 to 22 are the spreadsheet's own dates, which change with its locale; 49 is text, which is not read as a number. */
const FORMAT_IDS = [0, 0, 49, 164, 1, 165, 2, 166];

const FORMATS = ['yyyy\\-mm\\-dd\\ hh:mm:ss.000', '0.0', '0.000'];

export const STYLES_XML =
  `${XML_HEAD}<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
  `<numFmts count="${FORMATS.length}">` +
  FORMATS.map((code, i) => `<numFmt numFmtId="${164 + i}" formatCode="${code}"/>`).join('') +
  '</numFmts>' +
  '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>' +
  '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>' +
  '<fills count="2"><fill><patternFill patternType="none"/></fill>' +
  '<fill><patternFill patternType="gray125"/></fill></fills>' +
  '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
  '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
  `<cellXfs count="${FORMAT_IDS.length}">` +
  FORMAT_IDS.map((id, i) => {
    const font = i === STYLE.heading ? 1 : 0;
    const kept = `fontId="${font}" fillId="0" borderId="0" xfId="0"`;
    return `<xf numFmtId="${id}" ${kept} applyNumberFormat="1" applyFont="${font}"/>`;
  }).join('') +
  '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>' +
  '</styleSheet>';
