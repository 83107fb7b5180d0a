import { Parser } from 'htmlparser2'

/** What is told about an XML document as it is read; names are without their prefix. */
export interface XmlEvents {
  open?(name: string, attributes: Record<string, string>): void
  text?(text: string): void
  close?(name: string): void
  /** Asked after each piece: reading ends where it says so. */
  isDone?(): boolean
}

/**
 * Reads XML piece by piece, without a tree. Entities of a document's own are not expanded, so there is no billion laughs, and
 * nothing outside of it is ever opened.
 */
export async function readXml(pieces: AsyncIterable<Uint8Array>, events: XmlEvents): Promise<void> {
  const parser = new Parser(
    {
      onopentag: (name, attributes) => events.open?.(local(name), attributes),
      ontext: (text) => events.text?.(text),
      onclosetag: (name) => events.close?.(local(name)),
    },
    { xmlMode: true, decodeEntities: true, lowerCaseTags: false, lowerCaseAttributeNames: false },
  )
  const decoder = new TextDecoder()
  for await (const piece of pieces) {
    parser.write(decoder.decode(piece, { stream: true }))
    if (events.isDone?.()) return
  }
  parser.end(decoder.decode())
}

function local(name: string): string {
  const colon = name.indexOf(':')
  return colon < 0 ? name : name.slice(colon + 1)
}
