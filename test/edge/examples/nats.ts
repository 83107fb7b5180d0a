import { parseArgs } from 'node:util'
import { connect, headers } from '@nats-io/transport-node'

// As much of the `nats` command as the documents use. Whatever else is asked of it fails.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    replies: { type: 'string', default: '1' },
    timeout: { type: 'string', default: '5s' },
    header: { type: 'string', short: 'H', multiple: true },
  },
})
const [command, subject = '', body = ''] = positionals
if (command !== 'req' || !/^\d+$/.test(values.replies) || !/^\d+s$/.test(values.timeout))
  throw new Error('only: nats req SUBJECT BODY [--replies N] [--timeout Ns] [-H name:value]')
const replies = Number(values.replies)
const timeoutMs = Number.parseInt(values.timeout, 10) * 1000
const nc = await connect({ servers: process.env.NATS_URL ?? '' })
const given = headers()
for (const header of values.header ?? []) given.set(...(header.split(':', 2) as [string, string]))
const options = values.header ? { headers: given } : {}
if (replies === 1) {
  process.stdout.write(`${(await nc.request(subject, body, { timeout: timeoutMs, ...options })).string()}\n`)
} else {
  // With 0, all that come: an empty message says that it was the last one, as does the time.
  const answers = await nc.requestMany(subject, body, {
    strategy: 'sentinel',
    maxWait: timeoutMs,
    ...options,
  })
  for await (const message of answers) {
    if (message.data.length === 0) break
    process.stdout.write(`${message.string()}\n`)
    if (/"kind":"end"/.test(message.string())) break
  }
}
await nc.close()
