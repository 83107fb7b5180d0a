import type { Msg } from '@nats-io/transport-node'

/** What the client keeps of a message as it came. */
interface AsItCame {
  readonly _rdata?: Uint8Array
  /** Length of the headers within it; -1: there are none. */
  readonly _msg?: { readonly hdr: number }
}

const LINE_END = '\r\n'

/**
 * One header of a message; the first where there are several, undefined where it is missing or empty. Read from the bytes: the client
 * makes a map of all headers and checks each, which is a thirtieth of the time of an agent that does little. Where it does not show
 * its bytes it is asked all the same.
 */
export function headerOf(message: Msg, name: string): string | undefined {
  const { _rdata: bytes, _msg: parsed } = message as AsItCame
  if (!(bytes instanceof Uint8Array) || typeof parsed?.hdr !== 'number')
    return message.headers?.get(name) || undefined
  return parsed.hdr <= 0 ? undefined : headerIn(textOf(bytes, parsed.hdr), name)
}

function textOf(bytes: Uint8Array, length: number): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, length)
  return buffer.toString('utf8', 0, length)
}

/** Of the headers as they came. The first line is the version. Pure. */
export function headerIn(text: string, name: string): string | undefined {
  const start = text.indexOf(`${LINE_END}${name}:`)
  if (start < 0) return undefined
  const from = start + LINE_END.length + name.length + 1
  const end = text.indexOf(LINE_END, from)
  return text.slice(from, end < 0 ? undefined : end).trim() || undefined
}
