import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DaemonError } from '../../../src/errors.ts';
import { methodNames, methods } from '../../../src/ipc/protocol/methods.ts';
import { openRpcDocument } from '../../../src/ipc/protocol/openrpc.ts';
import { agreeOnVersion } from '../../../src/ipc/protocol/versions.ts';
import { errorNumbers, fromWireError, toWireError } from '../../../src/ipc/protocol/wire-errors.ts';
import { checkSocketPath } from '../../../src/ipc/socket-path.ts';

describe('errors on the wire', () => {
  it('keep code, message, repair and retry time on the way to the client', () => {
    const error = new DaemonError('busy', 'too much', { repair: 'Wait.', retryAfterSec: 3 });
    expect(fromWireError(JSON.parse(JSON.stringify(toWireError(error))))).toEqual(error);
  });

  it('show nothing of a bug but that there was one', () => {
    const wire = toWireError(new TypeError('nsec1secret'));
    expect(wire).toEqual({
      code: -32603,
      message: 'the daemon hit a bug; its log has the details',
      data: { code: 'internal' },
    });
  });

  it('have one number for each code', () => {
    const numbers = Object.values(errorNumbers);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it.each([[undefined], [null], ['text'], [{ code: 1 }]])('survive an error member like %j', (value) => {
    expect(fromWireError(value)).toMatchObject({ code: 'internal' });
  });

  it('keep the message of a code that only a newer daemon knows', () => {
    const wire = { code: 999, message: 'news', data: { code: 'invented_later', repair: 'Upgrade.' } };
    expect(fromWireError(wire)).toMatchObject({ code: 'internal', message: 'news', repair: 'Upgrade.' });
  });
});

describe('version negotiation', () => {
  it('takes the newest version both sides speak', () => {
    expect(agreeOnVersion({ min: 1, max: 7 })).toBe(1);
  });

  it('tells a client that is too new to wait for a newer daemon', () => {
    expect(() => agreeOnVersion({ min: 2, max: 3 })).toThrow(
      expect.objectContaining({ code: 'unsupported', repair: 'upgrade dialogd' }),
    );
  });
});

describe('the OpenRPC document', () => {
  const document = z
    .object({
      openrpc: z.literal('1.3.2'),
      methods: z.array(
        z.object({
          name: z.string(),
          params: z.array(z.object({ name: z.string(), required: z.boolean(), schema: z.looseObject({}) })),
          result: z.object({ name: z.string(), schema: z.looseObject({}) }),
          errors: z.array(z.object({ code: z.int(), message: z.string() })),
        }),
      ),
    })
    .parse(openRpcDocument('0.1.0'));

  it('has every method with every parameter', () => {
    const described = document.methods.map(({ name, params }) => [name, params.map((param) => param.name)]);
    const expected = methodNames.map((name) => [name, Object.keys(methods[name].params.shape)]);
    expect(described).toEqual(expected);
  });

  it('says of every changing method, and of no other, that the read-only socket refuses it', () => {
    const refused = document.methods
      .filter(({ errors }) => errors.some(({ message }) => message === 'read_only'))
      .map(({ name }) => name);
    expect(refused).toEqual(['daemon.wake', 'daemon.backup', 'keyPackages.refresh', 'relays.publishLists']);
  });

  it('marks parameters with a default as not required', () => {
    const list = document.methods.find(({ name }) => name === 'keyPackages.list');
    expect(list?.params.map(({ name, required }) => [name, required])).toEqual([
      ['all', false],
      ['limit', false],
    ]);
  });
});

describe('socket paths', () => {
  it.each([
    ['linux', 107],
    ['darwin', 103],
  ] as const)('on %s have at most %i bytes', (platform, limit) => {
    const path = (bytes: number): string => `/${'é'.repeat(10)}`.padEnd(bytes - 10, 'x');
    expect(() => checkSocketPath(path(limit), platform)).not.toThrow();
    expect(() => checkSocketPath(path(limit + 1), platform)).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        message: expect.stringContaining(`${limit + 1} bytes`),
      }),
    );
  });
});
