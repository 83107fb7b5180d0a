import fc from 'fast-check'
import t from 'tap'
import { readXml } from '../../../../../services/agents/report/ingest/archive/read-xml.ts'
import { attributeOf, scanXml } from '../../../../../services/agents/report/ingest/archive/xml-scanner.ts'

/** In pieces of so many bytes. */
async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function scanned(text: string, size = 7): Promise<string[]> {
  const told: string[] = []
  await scanXml(inPieces(text, size), {
    open: (name, attributes) => told.push(`<${name} ${attributeOf(attributes, 'r') ?? ''}`),
    text: (piece) => {
      if (told.at(-1)?.startsWith('"')) told[told.length - 1] += piece
      else told.push(`"${piece}`)
    },
    close: (name) => told.push(`>${name}`),
  })
  return told
}

t.test('tags, references, sections, comments and declarations, however they are cut', async (t) => {
  const xml = `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c>">]><!-- <no> --><x:a r="1>2" s='"'>t&amp;u &#x41;&#66; &b; &toString;<![CDATA[<&amp;]]><c
 r = 'q'/></x:a>`
  const expected = ['<a 1>2', '"t&u AB &b; &toString;<&amp;', '<c q', '>c', '>a']
  for (const size of [1, 2, 3, 7, 1000]) t.same(await scanned(xml, size), expected, `${size}`)
})

t.test('attributes by name', async (t) => {
  t.equal(attributeOf(' r="A1" t="s"', 't'), 's')
  t.equal(attributeOf(' spans="1:3" r="2"', 's'), undefined)
  t.equal(attributeOf(" r='A1'", 'r'), 'A1')
  t.equal(attributeOf('\n\tref = "A&amp;1"', 'ref'), 'A&1')
  t.equal(attributeOf('', 'r'), undefined)
})

t.test('a tag without end', async (t) => {
  await t.rejects(scanned(`<a r="${'x'.repeat(3_000_000)}`, 65_536), { code: 'BROKEN_FILE' })
  await t.rejects(scanned(`<!-- ${'>'.repeat(3_000_000)}`, 65_536), { code: 'BROKEN_FILE' })
})

t.test('any document gives what the other reader gives', async () => {
  const name = fc.constantFrom('c', 'v', 'row', 'x:t')
  const value = fc.stringMatching(/^[a-z0-9 >'é😀]{0,8}$/u)
  const inner = fc.stringMatching(/^(?:[a-z0-9 >"'é😀]|&amp;|&lt;|&#65;){0,9}$/u)
  const element = fc
    .tuple(name, value, inner, fc.array(fc.tuple(name, inner), { maxLength: 3 }))
    .map(
      ([tag, attribute, text, children]) =>
        `<${tag} r="${attribute}">${text}${children.map(([child, content]) => `<${child}>${content}</${child}>`).join('')}<${tag}/></${tag}>`,
    )
  const document = fc.array(element, { maxLength: 5 }).map((parts) => `<a>${parts.join('\n')}</a>`)
  await fc.assert(
    fc.asyncProperty(document, fc.integer({ min: 1, max: 30 }), async (xml, size) => {
      const told: string[] = []
      await readXml(inPieces(xml, 1000), {
        open: (tag, attributes) => told.push(`<${tag} ${attributes.r ?? ''}`),
        text: (piece) => {
          if (told.at(-1)?.startsWith('"')) told[told.length - 1] += piece
          else told.push(`"${piece}`)
        },
        close: (tag) => told.push(`>${tag}`),
      })
      const found = await scanned(xml, size)
      if (JSON.stringify(found) !== JSON.stringify(told)) throw new Error(`${found}\n${told}`)
    }),
    { numRuns: 200 },
  )
})
