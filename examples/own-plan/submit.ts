// Submits plan.json with nothing but a TCP socket: the protocol of NATS is lines of text.
//
//   node examples/own-plan/submit.ts [nats://127.0.0.1:4222]
//
// Without a URL it goes to the stack that `npx murmur dev` keeps up.

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

const INBOX = `_INBOX.own-plan-${process.pid}`
const FINAL = ['completed', 'failed', 'cancelled']

interface Answer {
  taskId?: string
  task?: { status: string; output?: unknown; error?: unknown }
  problem?: { code: string; message: string; fix: string }
}

const url = new URL(process.argv[2] ?? runningStack())
const socket = connect(Number(url.port || 4222), url.hostname)
socket.setEncoding('utf8')
await once(socket, 'connect')

let received = ''
let onAnswer: (answer: Answer) => void = () => undefined
socket.on('data', (chunk: string) => {
  received += chunk
  readProtocol()
})
socket.write(`CONNECT {"verbose":false}\r\nSUB ${INBOX} 1\r\n`)

const { taskId } = await request(
  'murmur.tasks.submit',
  readFileSync(join(import.meta.dirname, 'plan.json'), 'utf8'),
)
console.log(`task ${taskId} accepted`)
for (let status = ''; !FINAL.includes(status); ) {
  const { task } = await request('murmur.tasks.get', JSON.stringify({ taskId }))
  if (task && task.status !== status) console.log(task.status)
  status = task?.status ?? ''
  if (FINAL.includes(status)) console.log(JSON.stringify(task?.output ?? task?.error, null, 2))
  else await new Promise((resolve) => setTimeout(resolve, 200))
}
socket.end()

/** A request is a message that names the subject on which it wants its answer. */
async function request(subject: string, body: string): Promise<Answer> {
  const answered = new Promise<Answer>((resolve) => {
    onAnswer = resolve
  })
  socket.write(`PUB ${subject} ${INBOX} ${Buffer.byteLength(body)}\r\n${body}\r\n`)
  const answer = await answered
  if (!answer.problem) return answer
  console.error(`${answer.problem.code}: ${answer.problem.message}\n${answer.problem.fix}`)
  process.exit(1)
}

/** Lines that the server sends: `MSG <subject> <sid> [reply] <bytes>` is followed by the message, `PING` wants a `PONG`. */
function readProtocol(): void {
  for (let end = received.indexOf('\r\n'); end >= 0; end = received.indexOf('\r\n')) {
    const line = received.slice(0, end)
    const rest = Buffer.from(received.slice(end + 2))
    if (line.startsWith('MSG ')) {
      const size = Number(line.slice(line.lastIndexOf(' ') + 1))
      if (rest.length < size + 2) return
      onAnswer(JSON.parse(rest.subarray(0, size).toString()) as Answer)
      received = rest.subarray(size + 2).toString()
      continue
    }
    if (line === 'PING') socket.write('PONG\r\n')
    if (line.startsWith('-ERR')) throw new Error(line)
    received = rest.toString()
  }
}

function runningStack(): string {
  const note = join(import.meta.dirname, '../../.murmur/run/stack.json')
  return (JSON.parse(readFileSync(note, 'utf8')) as { natsUrl: string }).natsUrl
}
