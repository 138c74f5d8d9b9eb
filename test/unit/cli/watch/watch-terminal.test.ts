/** The terminal of a watch: taken over, drawn line by line, and given back. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { WatchTerminal } from '../../../../src/cli/watch/watch-terminal.ts';
import { KeptStream } from '../fakes.ts';

/** Keys that a test presses. */
class Keyboard extends PassThrough {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(isRaw: boolean): void {
    this.isRaw = isRaw;
  }
}

function terminal(mayReadKeys = true, canBeStopped = true) {
  const stream = new KeptStream({ isTTY: true });
  const keyboard = new Keyboard();
  const heard: string[] = [];
  const signals = new EventEmitter();
  const made = new WatchTerminal(stream, { stdin: keyboard, env: {}, signals }, mayReadKeys, {
    onKey: (name) => heard.push(name),
    onInterrupt: () => heard.push('interrupt'),
    onSuspend: canBeStopped ? () => heard.push('suspend') : undefined,
    onResize: () => heard.push('resize'),
  });
  return { made, stream, keyboard, heard, signals };
}

describe('the terminal of a watch', () => {
  test('gets back its screen, its cursor and its way of reading keys', () => {
    const { made, stream, keyboard } = terminal();
    assert.ok(stream.text.startsWith('\u001B[?1049h\u001B[?25l'));
    assert.ok(keyboard.isRaw);
    made.close();
    assert.ok(stream.text.endsWith('\u001B[?25h\u001B[?1049l'));
    assert.equal(keyboard.isRaw, false);
    assert.equal(keyboard.isPaused(), true);
    const { length } = stream.text;
    made.close();
    made.draw(['late']);
    assert.equal(stream.text.length, length);
  });

  test('is sent only the lines that changed', () => {
    const { made, stream } = terminal();
    made.draw(['one', 'two', 'three']);
    stream.text = '';
    made.draw(['one', 'TWO', 'three']);
    // Erased first: behind a line as wide as the terminal the cursor is on its last letter.
    assert.equal(stream.text, '\u001B[2;1H\u001B[KTWO\u001B[0m');
    stream.text = '';
    made.draw(['one', 'TWO', 'three']);
    assert.equal(stream.text, '');
    made.close();
  });

  test('is drawn whole again after it was resized', () => {
    const { made, stream, heard } = terminal();
    made.draw(['one']);
    stream.text = '';
    stream.emit('resize');
    made.draw(['one']);
    assert.deepEqual(heard, ['resize']);
    assert.match(stream.text, /one/);
    made.close();
  });

  test('hands on keys by name, and Ctrl-C as what it means', async () => {
    const { made, keyboard, heard } = terminal();
    keyboard.write('l \u001B[B\u001B[6~\u0003\u0001');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(heard, ['l', 'space', 'down', 'pagedown', 'interrupt']);
    made.close();
  });

  test('is given back while the process is stopped, and drawn whole again after that', async ({
    mock,
  }) => {
    // Nothing stops this process: the terminal would be taken over again after a while.
    mock.timers.enable({ apis: ['setTimeout'] });
    const { made, stream, keyboard, heard, signals } = terminal();
    made.draw(['one']);
    keyboard.write('\u001A');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(heard, ['suspend']);
    assert.ok(stream.text.endsWith('\u001B[?25h\u001B[?1049l'));
    assert.equal(keyboard.isRaw, false);
    // With a listener the signal would not stop the process.
    assert.equal(signals.listenerCount('SIGTSTP'), 0);
    stream.text = '';
    made.draw(['two']);
    assert.equal(stream.text, '');
    signals.emit('SIGCONT');
    made.draw(['two']);
    assert.ok(stream.text.startsWith('\u001B[?1049h'));
    assert.match(stream.text, /two/);
    assert.equal(keyboard.isRaw, true);
    signals.emit('SIGTSTP');
    assert.deepEqual(heard, ['suspend', 'resize', 'suspend']);
    made.close();
    assert.equal(signals.listenerCount('SIGCONT') + signals.listenerCount('SIGTSTP'), 0);
  });

  test('is taken over again if the system does not stop the process', ({ mock }) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const { made, heard, signals } = terminal();
    signals.emit('SIGTSTP');
    mock.timers.tick(1000);
    assert.deepEqual(heard, ['suspend', 'resize']);
    made.close();
  });

  test('stays as it is at Ctrl-Z if the system cannot stop a process', async () => {
    const { made, stream, keyboard, heard } = terminal(true, false);
    stream.text = '';
    keyboard.write('\u001A');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([stream.text, keyboard.isRaw, heard], ['', true, []]);
    made.close();
  });

  test('has no keys if standard input is read for targets', () => {
    const { made, keyboard } = terminal(false);
    assert.equal(made.hasKeys, false);
    assert.equal(keyboard.isRaw, false);
    made.close();
  });
});
