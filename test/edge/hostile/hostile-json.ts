/** Bodies that are no submission, as bytes, each with a name: for every transport that takes one. */
export function hostileBodies(): [name: string, body: Buffer][] {
  return [...notObjects(), ...broken(), ...tooMuch(), ...wrongFields(), ...wrongPlans()]
}

const text = (value: string) => Buffer.from(value)
const json = (value: unknown) => Buffer.from(JSON.stringify(value))
const step = (about: object = {}) => ({ id: 'a', agent: 'noop-a', input: { payload: 'x' }, ...about })
const plan = (steps: unknown, about: object = {}) => json({ type: 'plan', plan: { steps }, ...about })

function notObjects(): [string, Buffer][] {
  const values = ['null', 'true', '1', '"x"', '[]', '[{}]', '{}', '[[[]]]', '-0', '1e999', '""']
  return values.map((value) => [`body ${value}`, text(value)])
}

function broken(): [string, Buffer][] {
  const texts = [
    '',
    ' ',
    '{',
    '}',
    '{"type"',
    '{"type":}',
    '{"type":"plan",}',
    "{'type':'plan'}",
    '{type:"plan"}',
    '{"type":"plan"}{}',
    '{"type":"plan"} x',
    'undefined',
    'NaN',
    '{"type":"plan","priority":01}',
    '{"type":"plan","priority":+1}',
    '{"type":"plan","priority":.5}',
    '{"type":"pl\nan"}',
    '{"type":"\\x41"}',
    '{"type":"\\ud8"}',
    '/* */{"type":"plan"}',
    '<xml/>',
    'type=plan',
    '%7B%22type%22%3A%22plan%22%7D',
  ]
  const valid = '{"type":"plan","plan":{"steps":[{"id":"a","agent":"noop-a"}]}}'
  const bytes: [string, Buffer][] = [
    ['UTF-16', Buffer.from(valid, 'utf16le')],
    ['UTF-16 with a mark', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(valid, 'utf16le')])],
    ['UTF-32', Buffer.from([...valid].flatMap((char) => [0, 0, 0, char.charCodeAt(0)]))],
    ['a lone continuation byte', Buffer.concat([text('{"type":"'), Buffer.from([0x80]), text('"}')])],
    ['overlong UTF-8', Buffer.concat([text('{"type":"'), Buffer.from([0xc0, 0xaf]), text('"}')])],
    ['a surrogate in UTF-8', Buffer.concat([text('{"type":"'), Buffer.from([0xed, 0xa0, 0x80]), text('"}')])],
    ['cut in a character', Buffer.concat([text('{"type":"'), Buffer.from([0xe2, 0x82])])],
    ['NUL bytes', Buffer.alloc(64)],
    ['0xFF bytes', Buffer.alloc(64, 0xff)],
    ['gzip', Buffer.from('1f8b0800000000000003abae05004dfb2d8b02000000', 'hex')],
    ['a NUL behind', text(`${valid}\0`)],
  ]
  return [...texts.map((value): [string, Buffer] => [`text ${JSON.stringify(value)}`, text(value)]), ...bytes]
}

function tooMuch(): [string, Buffer][] {
  const nested = (open: string, close: string, levels: number) => open.repeat(levels) + close.repeat(levels)
  const many = (n: number, of: (i: number) => unknown) => Array.from({ length: n }, (_, i) => of(i))
  return [
    ...[65, 200, 1000, 10_000, 60_000].flatMap((levels): [string, Buffer][] => [
      [`${levels} arrays deep`, text(`{"type":"plan","input":{"a":${nested('[', ']', levels)}}}`)],
      [
        `${levels} objects deep`,
        text(`{"type":"plan","input":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`),
      ],
    ]),
    ['100,000 open brackets', text('['.repeat(100_000))],
    ['257 KiB', json({ type: 'plan', input: { a: 'x'.repeat(257 * 1024) } })],
    ['900 KB', json({ type: 'plan', input: { a: 'x'.repeat(900_000) } })],
    ['257 steps', plan(many(257, (i) => step({ id: `s${i}` })))],
    [
      '17 labels',
      plan([step()], { labels: Object.fromEntries(many(17, (i) => [`l${i}`, 'x']) as [string, string][]) }),
    ],
    ['a label of 300 characters', plan([step()], { labels: { a: 'x'.repeat(300) } })],
    ['a key of 300 characters', plan([step()], { idempotencyKey: 'k'.repeat(300) })],
    [
      '10,000 unknown fields',
      json(Object.fromEntries(many(10_000, (i) => [`f${i}`, 1]) as [string, number][])),
    ],
    ['too many edges', plan(many(256, (i) => step({ id: `s${i}`, needs: many(i, (j) => `s${j}`) })))],
  ]
}

function wrongFields(): [string, Buffer][] {
  const odd: unknown[] = [
    null,
    true,
    -1,
    1.5,
    1e308,
    '',
    'x'.repeat(1000),
    [],
    {},
    '../..',
    'a b',
    'a.b',
    '*',
    '>',
    'a\u0000b',
    '𝒳',
    '__proto__',
  ]
  const fields = [
    'type',
    'priority',
    'deadlineMs',
    'delayMs',
    'labels',
    'plan',
    'input',
    'idempotencyKey',
  ] as const
  /** What is odd elsewhere is right here. */
  const fine: Record<string, (value: unknown) => boolean> = {
    labels: (value) => isPlainObject(value),
    input: (value) => isPlainObject(value),
    idempotencyKey: (value) => typeof value === 'string' && value.length > 0 && value.length <= 256,
  }
  const cases = fields.flatMap((field) =>
    odd
      .filter((value) => !fine[field]?.(value))
      .map((value): [string, Buffer] => [
        `${field} = ${JSON.stringify(value).slice(0, 40)}`,
        plan([step()], { [field]: value }),
      ]),
  )
  const unknown = [
    'tenant',
    'id',
    'taskId',
    'status',
    'constructor',
    'toString',
    'v',
    'partition',
    'Type',
    'type ',
  ]
  return [
    ...cases,
    ...unknown.map((field): [string, Buffer] => [`unknown ${field}`, plan([step()], { [field]: 'x' })]),
    [
      '__proto__',
      text('{"type":"plan","plan":{"steps":[{"id":"a","agent":"noop-a"}]},"__proto__":{"x":1},"y":1}'),
    ],
  ]
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrongPlans(): [string, Buffer][] {
  const ids = ['', 'a b', 'a.b', '*', '>', 'x'.repeat(65), 'ä', '\u0000', '../a', null, 1, {}, []]
  const odd = [null, 1, 'x', -1, {}, []]
  return [
    ...[null, 1, 'x', {}, [], [[]], [null], [1], ['a']].map((steps): [string, Buffer] => [
      `steps = ${JSON.stringify(steps)}`,
      plan(steps),
    ]),
    ...ids.flatMap((id): [string, Buffer][] => [
      [`step id ${JSON.stringify(id)?.slice(0, 30)}`, plan([step({ id })])],
      [`agent ${JSON.stringify(id)?.slice(0, 30)}`, plan([step({ agent: id })])],
      [`needs ${JSON.stringify(id)?.slice(0, 30)}`, plan([step({ needs: [id] })])],
    ]),
    ...odd
      .filter((value) => !isPlainObject(value))
      .map((retry): [string, Buffer] => [`retry ${JSON.stringify(retry)}`, plan([step({ retry })])]),
    ...[null, -1, 0, 1.5, '1', 1e15].map((timeoutMs): [string, Buffer] => [
      `timeoutMs ${timeoutMs}`,
      plan([step({ timeoutMs })]),
    ]),
    ['an agent that nobody is', plan([step({ agent: 'nobody-ever' })])],
    ['the same id twice', plan([step(), step()])],
    ['needs itself', plan([step({ needs: ['a'] })])],
    ['a cycle', plan([step({ needs: ['b'] }), step({ id: 'b', needs: ['a'] })])],
    ['needs nobody', plan([step({ needs: ['zz'] })])],
    ['needs twice', plan([step(), step({ id: 'b', needs: Array(300).fill('a') })])],
    ...[
      '',
      'steps',
      'steps.b.output',
      'steps.a',
      'output',
      'steps.__proto__.output',
      '$from',
      'a'.repeat(3000),
    ].map((from): [string, Buffer] => [
      `$from ${from.slice(0, 30)}`,
      plan([step(), step({ id: 'b', input: { x: { $from: from } } })]),
    ]),
    ['unknown type', json({ type: 'no-such-type' })],
    ['a report without files', json({ type: 'report', input: {} })],
    ['a monitor without a source', json({ type: 'monitor', input: {} })],
    [
      'a monitor of a local file',
      json({ type: 'monitor', input: { source: { kind: 'url', url: 'file:///etc/passwd' } } }),
    ],
    [
      'a monitor of this machine',
      json({ type: 'monitor', input: { source: { kind: 'url', url: 'gopher://127.0.0.1/' } } }),
    ],
  ]
}
