import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { findExporter, startExporter } from './exporter.ts'

/** What dashboards show of a NATS server, as prometheus-nats-exporter names it, and where the server's own monitoring says it. */
const FIGURES = {
  gnatsd_varz_in_msgs: ['varz', 'in_msgs'],
  gnatsd_varz_out_msgs: ['varz', 'out_msgs'],
  gnatsd_varz_slow_consumers: ['varz', 'slow_consumers'],
  gnatsd_varz_connections: ['varz', 'connections'],
  jetstream_server_total_message_bytes: ['jsz', 'bytes'],
  jetstream_server_max_storage: ['jsz', 'config', 'max_storage'],
} as const

/**
 * Figures of a NATS server for Prometheus: by prometheus-nats-exporter, started as deploy/compose does, where that is on the PATH. Else those
 * that dashboards show are read from the same server and told under the names that they have in its source.
 * @returns its address, once it answers
 */
export async function startNatsExporter(t: Pick<Test, 'teardown'>, monitorUrl: string): Promise<string> {
  const program = findExporter(['prometheus-nats-exporter'])
  if (program === undefined) return await serveFigures(t, monitorUrl)
  return await startExporter(t, program, (port) => [
    ...['-addr', '127.0.0.1', '-port', String(port)],
    ...['-varz', '-connz', '-healthz', '-jsz=all', monitorUrl],
  ])
}

async function serveFigures(t: Pick<Test, 'teardown'>, monitorUrl: string): Promise<string> {
  const ask = async (path: string): Promise<unknown> => (await fetch(`${monitorUrl}/${path}`)).json()
  const server = createServer(async (_request, response) => {
    try {
      const said = { varz: await ask('varz'), jsz: await ask('jsz') }
      response.setHeader('content-type', 'text/plain; version=0.0.4').end(exposed(said, monitorUrl))
    } catch {
      response.writeHead(502).end()
    }
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

function exposed(said: object, serverId: string): string {
  return Object.entries(FIGURES)
    .map(([name, path]) => {
      const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], said)
      return `# TYPE ${name} gauge\n${name}{server_id="${serverId}"} ${value}\n`
    })
    .join('')
}
