// Whether the service in this container is ready, for HEALTHCHECK: an image has no curl. Exit code 0 or 1; what is wrong goes to stdout,
// where the engine keeps it.

import { get } from 'node:http'

const port = process.env.MURMUR_HTTP_PORT ?? '9090'
const TIMEOUT_MS = 8000
const MAX_SHOWN = 4000

const request = get(
  { host: '127.0.0.1', port, path: '/readyz', signal: AbortSignal.timeout(TIMEOUT_MS) },
  (answer) => {
    let text = ''
    answer.setEncoding('utf8')
    answer.on('data', (part) => {
      text = (text + part).slice(0, MAX_SHOWN)
    })
    answer.on('end', () => {
      process.stdout.write(text)
      process.exitCode = answer.statusCode === 200 ? 0 : 1
    })
    answer.on('error', fail)
  },
)
request.on('error', fail)

function fail(error) {
  process.stdout.write(`${error.message}\n`)
  process.exitCode = 1
}
