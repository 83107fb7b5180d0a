import { join } from 'node:path'
import t from 'tap'
import type { ConfigTable, Environment } from '#platform/config/read-config.ts'
import { loadServiceConfig } from '#platform/config/service-config.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { tableRows } from '../../support/doc-tables.ts'
import { ROOT, readSourceFiles } from '../../support/source-files.ts'

function faultOf(env: Environment): MurmurError {
  try {
    loadServiceConfig(env)
  } catch (error) {
    if (error instanceof MurmurError) return error
    throw error
  }
  throw new Error('the configuration was accepted')
}

t.test('defaults', async (t) => {
  const config = loadServiceConfig({})
  t.match(config, {
    natsUrl: 'nats://127.0.0.1:4222',
    redisUrl: 'redis://127.0.0.1:6379',
    logLevel: 'info',
    httpHost: '127.0.0.1',
    httpPort: 0,
    traceRatio: 0.05,
    tracesPerSecond: 20,
    partitions: 16,
    keepFinishedMs: 86_400_000,
    stopGraceMs: 10_000,
  })
  t.equal(config.otlpEndpoint, undefined)
  t.match(config.instance, /^[A-Za-z0-9_-]{1,64}$/)
  t.not(loadServiceConfig({}).instance, config.instance, 'no two processes are called alike')
})

t.test('values from the environment', async (t) => {
  const config = loadServiceConfig({
    MURMUR_NATS_URL: 'nats://a:4222, nats://b:4222',
    MURMUR_INSTANCE: 'orchestrator-1',
    MURMUR_HTTP_PORT: ' 9100 ',
    MURMUR_TRACE_RATIO: '1',
    MURMUR_PARTITIONS: '',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
  })
  t.match(config, { instance: 'orchestrator-1', httpPort: 9100, traceRatio: 1, partitions: 16 })
  t.equal(config.otlpEndpoint, 'http://collector:4318')
})

t.test('all faults at once, with the value received and no secret', async (t) => {
  const fault = faultOf({
    MURMUR_NATS_URL: 'http://user:hunter2@nats',
    MURMUR_REDIS_URL: 'redis//:hun/ter2@redis',
    MURMUR_INSTANCE: 'a.b',
    MURMUR_HTTP_PORT: '65536',
    MURMUR_TRACE_RATIO: 'NaN',
    MURMUR_PARTITIONS: '1e3',
    MURMUR_LOG_LEVEL: 'loud',
  })
  t.equal(fault.code, 'CONFIG_INVALID')
  t.strictSame(
    fault.issues?.map((issue) => issue.path),
    [
      'MURMUR_NATS_URL',
      'MURMUR_REDIS_URL',
      'MURMUR_INSTANCE',
      'MURMUR_LOG_LEVEL',
      'MURMUR_HTTP_PORT',
      'MURMUR_TRACE_RATIO',
      'MURMUR_PARTITIONS',
    ],
  )
  t.match(fault.message, 'MURMUR_HTTP_PORT must be a whole number from 0 to 65535 (port), got "65536"')
  t.notMatch(JSON.stringify(fault.toProblem()), /hunter2|hun\/ter2/)
})

/** Those of all tables in the sources. */
async function configVariables() {
  const files = readSourceFiles().filter(
    ({ path, text }) => path.startsWith('services/') && text.includes('satisfies ConfigTable'),
  )
  const modules = await Promise.all(
    files.map(({ path }) => import(join(ROOT, path)) as Promise<Record<string, ConfigTable>>),
  )
  const all = modules
    .flatMap((module) => Object.entries(module))
    .filter(([name]) => name.endsWith('_VARIABLES'))
    .flatMap(([, table]) => Object.values(table))
  // A table may have a part that is a table itself.
  return [...new Map(all.map((variable) => [variable.name, variable])).values()]
}

t.test('docs/configuration.md has every variable as it is', async (t) => {
  const expected = (await configVariables()).map((variable) => {
    const fallback =
      variable.default === undefined ? (variable.defaultNote ?? 'none') : `\`${variable.default}\``
    return [`\`${variable.name}\``, fallback, variable.unit ?? '', variable.meaning]
  })
  t.strictSame(tableRows('configuration.md').toSorted(), expected.toSorted())
})
