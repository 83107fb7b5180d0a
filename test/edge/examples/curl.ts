import { buffer } from 'node:stream/consumers'
import { parseArgs } from 'node:util'

// As much of curl as the documents use, for machines that have none. Whatever else is asked of it fails.

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: 'boolean', short: 's' },
    'no-buffer': { type: 'boolean', short: 'N' },
    request: { type: 'string', short: 'X' },
    header: { type: 'string', short: 'H', multiple: true },
    data: { type: 'string', short: 'd' },
    'data-binary': { type: 'string' },
  },
})
const [url] = positionals
if (url === undefined || positionals.length > 1) throw new Error('one address')
const binary = values['data-binary']
if (binary !== undefined && binary !== '@-') throw new Error('--data-binary takes @- only')
const body = binary === undefined ? values.data : await buffer(process.stdin)
const answer = await fetch(url, {
  method: values.request ?? (body === undefined ? 'GET' : 'POST'),
  headers: (values.header ?? []).map((header): [string, string] => {
    const at = header.indexOf(':')
    return [header.slice(0, at), header.slice(at + 1).trim()]
  }),
  ...(body !== undefined && { body: typeof body === 'string' ? body : new Uint8Array(body) }),
})
for await (const chunk of answer.body ?? []) process.stdout.write(chunk)
