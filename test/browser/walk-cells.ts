/** A walk over a map from cell to cell, in the page itself: a key sent from outside takes longer than the page does. */

/**
 * Goes on from where the cursor is. Gives a list of what each cell tells: `story`, its lines, and `colour`, that of its
 * lower left corner, where no number stands.
 */
export function walkCells(cells: number): string {
  return `(() => {
    const canvas = document.querySelector('#map-canvas');
    const cursor = document.querySelector('.cursor');
    const { width, height } = canvas;
    const image = canvas.getContext('2d').getImageData(0, 0, width, height).data;
    const told = [];
    for (let cell = 0; cell < ${cells}; cell++) {
      const [x, y] = cursor.style.transform.match(/[\\d.-]+(?=px)/g).map(Number);
      const side = parseFloat(cursor.style.width) - 4;
      const column = Math.round((x + 2 + 2) * devicePixelRatio);
      const row = Math.round((y + 2 + side - 3) * devicePixelRatio);
      const [red, green, blue] = image.subarray(4 * (row * width + column));
      const story = [...document.querySelector('.story').children].map((each) => each.textContent);
      told.push({ story, colour: \`rgb(\${red}, \${green}, \${blue})\` });
      canvas.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));
    }
    return told;
  })()`;
}
