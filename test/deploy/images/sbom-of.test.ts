import { join } from 'node:path'
import t from 'tap'

interface Sbom {
  serialNumber?: string
  metadata: { timestamp?: string; component: object }
  components: { name: string; version: string; group?: string; 'bom-ref': string }[]
  dependencies: { ref: string; dependsOn?: string[] }[]
}
const { sbomOf }: { sbomOf(sbom: Sbom, packages: ReadonlySet<string>, name: string): Sbom } = await import(
  join(import.meta.dirname, '../../../deploy/images/sbom-of.mjs')
)

const all = (about: Partial<Sbom> = {}): Sbom => ({
  serialNumber: 'urn:uuid:00000000-0000-4000-8000-000000000000',
  metadata: { timestamp: '2026-01-01T00:00:00Z', component: { name: 'murmuration', 'bom-ref': 'root' } },
  components: [
    { name: 'a', version: '1.0.0', 'bom-ref': 'a' },
    { group: '@scope', name: 'b', version: '2.0.0', 'bom-ref': 'b' },
    { name: 'c', version: '3.0.0', 'bom-ref': 'c' },
  ],
  dependencies: [
    { ref: 'root', dependsOn: ['a', 'b', 'c'] },
    { ref: 'a', dependsOn: ['c'] },
    { ref: 'b' },
    { ref: 'c' },
  ],
  ...about,
})

t.test('what was copied, and what of it needs what', async (t) => {
  const { metadata, components, dependencies } = sbomOf(all(), new Set(['a@1.0.0', '@scope/b@2.0.0']), 'edge')
  t.strictSame(
    components.map(({ name }) => name),
    ['a', 'b'],
  )
  t.strictSame(dependencies, [
    { ref: 'root', dependsOn: ['a', 'b'] },
    { ref: 'a', dependsOn: [] },
    { ref: 'b', dependsOn: [] },
  ])
  t.match(metadata.component, {
    name: 'murmuration',
    properties: [{ name: 'murmuration:image', value: 'edge' }],
  })
})

t.test('what the lock file does not know is no part of an image', async (t) => {
  t.throws(
    () => sbomOf(all(), new Set(['a@1.0.1', 'd@1.0.0']), 'edge'),
    /not in the lock file: a@1\.0\.1, d@1\.0\.0/,
  )
})

t.test('the same packages make the same bill, whenever it is made', async (t) => {
  const packages = new Set(['a@1.0.0'])
  const first = sbomOf(all(), packages, 'edge')
  const later = sbomOf(
    all({ serialNumber: 'urn:uuid:1', metadata: { ...all().metadata, timestamp: '2031-05-01T00:00:00Z' } }),
    packages,
    'edge',
  )
  t.strictSame(later, first)
  t.match(
    first.serialNumber,
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  )
  t.not(sbomOf(all(), new Set(['c@3.0.0']), 'edge').serialNumber, first.serialNumber)
})
