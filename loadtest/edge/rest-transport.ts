import { Agent, request } from 'node:http'
import type { Transport } from './measure-transport.ts'

/** REST over connections that are kept, as many as are needed. */
export function restTransport(port: number): Transport {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 })
  return {
    name: 'rest',
    submit(submission) {
      const body = JSON.stringify(submission)
      return new Promise((resolve, reject) => {
        const call = request(
          {
            port,
            host: '127.0.0.1',
            path: '/v1/tasks',
            method: 'POST',
            agent,
            headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
          },
          (response) => {
            let text = ''
            response.setEncoding('utf8')
            response.on('data', (chunk: string) => {
              text += chunk
            })
            response.on('end', () => {
              if (response.statusCode !== 202) return reject(new Error(`${response.statusCode}: ${text}`))
              resolve((JSON.parse(text) as { taskId: string }).taskId)
            })
          },
        )
        call.on('error', reject)
        call.end(body)
      })
    },
    async close() {
      agent.destroy()
    },
  }
}
