import t from 'tap'
import { createTextSealer } from '#platform/secrets/sealed-text.ts'
import { createSourceSealer, openSealedUser, openSealedValues } from '#platform/secrets/source-sealing.ts'
import { monitorRequestSchema } from '#schemas/monitor-request.ts'
import { parseSourceAddress } from '#schemas/video-address.ts'
import { admit } from '../../../services/orchestrator/intake/admit.ts'

const texts = createTextSealer([{ id: 'k1', key: new Uint8Array(32).fill(1) }])
const sources = createSourceSealer(texts)

t.test('users of cameras are sealed wherever an address stands, and nothing else is touched', async (t) => {
  const password = 'p@ss/#?%:word'
  const url = `rtsp://viewer:${encodeURIComponent(password)}@Cam.lan:8554/a?b=c`
  const value = {
    source: { kind: 'url', url: 'https://viewer:hush-hush@cam.lan/a' },
    deep: [{ any: url }, 'mail@example.org', 7, null],
    other: { url: 'https://viewer:kept@api.example/' },
    free: 'rtsp://cam.lan/a',
  }
  const sealed = sources.sealIn('acme', value)
  t.notMatch(JSON.stringify([sealed.source, sealed.deep]), /viewer|hush|p@ss|p%40/)
  t.equal(sealed.other, value.other, 'it belongs to somebody else')
  t.equal(sealed.free, value.free)
  t.equal(sources.sealIn('acme', sealed), sealed, 'what is sealed stays as it is')
  const address = parseSourceAddress((sealed.deep[0] as { any: string }).any)
  if ('fault' in address || address.user?.kind !== 'sealed') return t.fail('it is sealed')
  t.equal(address.url, 'rtsp://Cam.lan:8554/a?b=c')
  const { text } = address.user
  t.strictSame(openSealedUser(texts, text, { tenant: 'acme', url: address.url }), {
    user: 'viewer',
    password,
  })
  for (const about of [
    { tenant: 'other', url: address.url },
    { tenant: 'acme', url: 'rtsp://evil.example:8554/a' },
    { tenant: 'acme', url: 'rtsp://cam.lan:8555/a' },
    { tenant: 'acme', url: 'http://cam.lan:8554/a' },
  ])
    t.throws(() => openSealedUser(texts, text, about), { code: 'SECRET_NOT_GRANTED' }, JSON.stringify(about))
  t.throws(() => openSealedUser(undefined, text, { tenant: 'acme', url }), { code: 'SECRET_NOT_GRANTED' })
})

t.test('what says who asks in the path or the query is sealed, and all else can still be read', async (t) => {
  const addresses: [address: string, sealed: RegExp][] = [
    [
      'http://cam.lan/snap.cgi?user=admin&pwd=hush%2Fhush&channel=2',
      /snap\.cgi\?user=\{sealed:k1\.[\w-]+\}&pwd=\{sealed:k1\.[\w-]+\}&channel=2$/,
    ],
    ['https://cam.lan:8443/live?codec=h264&token=hush#x', /live\?codec=h264&token=\{sealed:k1\.[\w-]+\}#x$/],
    [
      'rtsp://10.0.0.5/user=admin_password=hush_channel=1_stream=0.sdp?real_stream',
      /\/user=\{sealed:k1\.[\w-]+\}_password=\{sealed:k1\.[\w-]+\}_channel=1_stream=0\.sdp\?real_stream$/,
    ],
    [
      'rtsp://10.0.0.5/user=admin&password=hush&channel=1&stream=0.sdp',
      /&password=\{sealed:k1\.[\w-]+\}&channel=1&stream=0\.sdp$/,
    ],
    ['rtsp://{cam-1}@cam.lan/a?key=hush', /^rtsp:\/\/\{cam-1\}@cam\.lan\/a\?key=\{sealed:/],
    ['rtsp://viewer:hush@cam.lan/a?key=hush', /^rtsp:\/\/\{sealed:k1\.[\w-]+\}@cam\.lan\/a\?key=\{sealed:/],
  ]
  for (const [address, wanted] of addresses) {
    const value = { source: { kind: 'url', url: address } }
    const sealed = sources.sealIn('acme', value)
    t.match(sealed.source.url, wanted)
    t.notMatch(sealed.source.url, /admin|viewer|hush/)
    t.ok(monitorRequestSchema.safeParse({ ...sealed, camera: 'a' }).success)
    t.equal(sources.sealIn('acme', sealed), sealed, 'what is sealed stays as it is')
    const parsed = parseSourceAddress(sealed.source.url)
    if ('fault' in parsed) return t.fail(parsed.fault)
    const plain = address.replace(/\/\/.*@/, '//')
    t.equal(openSealedValues(texts, parsed.url, { tenant: 'acme' }), plain)
    const encoded = parsed.url.replaceAll('{', '%7B').replaceAll('}', '%7D')
    t.equal(openSealedValues(texts, encoded, { tenant: 'acme' }), plain, 'also when somebody has encoded it')
    for (const [tenant, url] of [
      ['other', parsed.url],
      ['acme', parsed.url.replace(/\/\/[^/]*/, '//evil.example')],
    ] as const)
      t.throws(() => openSealedValues(texts, url, { tenant }), { code: 'SECRET_NOT_GRANTED' })
    t.throws(() => openSealedValues(undefined, parsed.url, { tenant: 'acme' }), {
      code: 'SECRET_NOT_GRANTED',
    })
  }
  for (const url of [
    'rtsp://cam.lan/users/7?channel=1&subtype=0&keyframe=1',
    'rtsp://cam.lan/a_b=1/token',
    'http://cam.lan/a?user=&pwd=',
  ]) {
    const value = { source: { kind: 'url', url } }
    t.equal(sources.sealIn('acme', value), value, url)
  }
  const keyless = { source: { kind: 'url', url: 'http://cam.lan/a?token=t' } }
  t.equal(createSourceSealer(undefined).sealIn('acme', keyless), keyless, 'without a key it stays as it came')
})

t.test('a task is accepted without its password, or not at all', async (t) => {
  const context = { tenant: 'acme', fallbackIdentity: 'x', isKnownAgent: async () => true }
  const input = { source: { kind: 'url', url: 'rtsp://viewer:hush-hush@cam.lan/a' }, camera: 'yard' }
  const bodies = [
    JSON.stringify({ type: 'monitor', input, idempotencyKey: 'k' }),
    JSON.stringify({ type: 'monitor', input, idempotencyKey: 'k' })
      .replaceAll('/', '\\/')
      .replaceAll('@', '\\u0040'),
  ]
  const admitted = await Promise.all(bodies.map((body) => admit(Buffer.from(body), { ...context, sources })))
  t.notMatch(JSON.stringify(admitted), /hush|viewer/)
  t.match(JSON.stringify(admitted[0]?.accepted.plan), /rtsp:\/\/\{sealed:k1\.[\w-]+\}@cam\.lan\/a/)
  t.equal(admitted[0]?.accepted.bodyHash, admitted[1]?.accepted.bodyHash, 'the same again is the same task')
  const asked = {
    ...input,
    source: { kind: 'url', url: 'http://cam.lan/snap.jpg?user=viewer&pwd=hush-hush' },
  }
  for (const body of [
    JSON.stringify(asked),
    JSON.stringify(asked).replaceAll('/', '\\/').replaceAll('=', '\\u003d'),
  ]) {
    const bytes = Buffer.from(`{"type":"monitor","input":${body}}`)
    t.notMatch(JSON.stringify(await admit(bytes, { ...context, sources })), /hush|viewer/)
  }
  const refused = admit(Buffer.from(bodies[0]!), { ...context, sources: createSourceSealer(undefined) })
  await t.rejects(refused, { code: 'CREDENTIALS_INLINE' })
})

t.test('passwords that can not be told from a path are refused, without a word of them', async (t) => {
  const parse = (url: string) => monitorRequestSchema.safeParse({ source: { kind: 'url', url }, camera: 'a' })
  for (const url of [
    'rtsp://admin:pa/ss@cam.lan/a',
    'rtsp://admin:pa#ss@cam.lan/a',
    'rtsp://admin:pa?ss@cam.lan/a',
    'rtsp://admin:12/34@cam.lan/a',
    'rtsp://admin:p@ss/word@cam.lan/a',
    'rtsp://admin:p@ss/word@cam-1/a',
    'rtsp://admin:p@ss/word@cam-1:554/a',
    'rtsp://admin:p@ss#34@192.0.2.1:554/a',
    'rtsp://admin:p@ss?34@[2001:db8::1]/a',
    'rtsp://some.body:12/34@192.0.2.1/a',
    'rtsp://some.body:12/34@cam.lan:554/a',
    'rtsp://admin:%zz@cam.lan/a',
    'rtsp://{no such name}@cam.lan/a'.replaceAll(' ', '.'),
    'rtsp://{sealed:broken}@cam.lan/a',
  ]) {
    const { error } = parse(url)
    t.ok(error, url)
    t.notMatch(String(error), /ss@|pa[/#?]|p@ss|34@|ss\/word/)
  }
  for (const url of [
    'rtsp://admin:p@ss@cam.lan/a',
    'rtsp://192.0.2.1:554/user@domain',
    'rtsp://admin:p@ss@cam.lan/user@domain',
    'rtsp://admin:p@ss@192.0.2.1:554/live@1',
    'rtsp://cam-1/live?profile=a@1',
    'http://gateway.lan/stream?src=rtsp://{cam-1}@192.0.2.1/a',
    'rtsp://{cam-1}@cam.lan/a',
  ])
    t.ok(parse(url).success, url)
  t.match(parseSourceAddress('rtsp://admin:p@s%2Fs@cam.lan/a'), {
    url: 'rtsp://cam.lan/a',
    user: { kind: 'inline', user: 'admin', password: 'p@s/s' },
  })
  t.match(parseSourceAddress('rtsp://%7Bcam-1%7D@cam.lan/a'), { user: { kind: 'secret', name: 'cam-1' } })
})
