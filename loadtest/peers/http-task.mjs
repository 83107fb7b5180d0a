import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 1000 })

/** Posts JSON over connections that are kept, and reads the JSON of the answer. @throws Error when it is not 200, or there is none */
export function postJson(url, body) {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
    const question = request(url, { method: 'POST', agent, headers }, (answer) => {
      let said = ''
      answer.setEncoding('utf8').on('data', (chunk) => {
        said += chunk
      })
      answer.once('error', reject)
      answer.once('end', () => {
        if (answer.statusCode === 200) resolve(JSON.parse(said))
        else reject(new Error(`${answer.statusCode}: ${said.slice(0, 300)}`))
      })
    })
    question.once('error', reject)
    question.end(text)
  })
}
