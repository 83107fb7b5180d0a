import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { until } from './until.ts'

/** An alert in a message of Alertmanager, with whom it was for: the receiver's name. */
export interface ToldAlert {
  receiver: string
  status: 'firing' | 'resolved'
  labels: Record<string, string>
  annotations: Record<string, string>
}

export interface AlertReceiver {
  url: string
  /** In the order in which they came. */
  told: ToldAlert[]
  /** Resolves when somebody was told of it. @throws Error after `timeoutMs` with what was told instead */
  untilTold(status: ToldAlert['status'], alert: string, timeoutMs?: number): Promise<ToldAlert>
}

/** A webhook that takes what Alertmanager posts to any path below it; gone when the test ends. */
export async function startAlertReceiver(t: Pick<Test, 'teardown'>): Promise<AlertReceiver> {
  const told: ToldAlert[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { alerts } = JSON.parse(body) as { alerts: ToldAlert[] }
    const receiver = request.url!.slice(1)
    told.push(...alerts.map((alert) => ({ ...alert, receiver })))
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    told,
    async untilTold(status, alert, timeoutMs = 60_000) {
      const find = () => told.find((each) => each.status === status && each.labels.alertname === alert)
      try {
        await until(`${alert} is told as ${status}`, () => find() !== undefined, timeoutMs)
      } catch (error) {
        const names = told.map((each) => `${each.status} ${each.labels.alertname}`)
        throw new Error(`${(error as Error).message}; told: ${[...new Set(names)].join(', ') || 'nothing'}`)
      }
      return find()!
    },
  }
}
