// The software bill of materials of one image: of what `npm sbom` says of the lock file, the packages that were copied.
//
//   node deploy/images/sbom-of.mjs SBOM_OF_ALL FOLDER NAME      writes FOLDER/sbom.cdx.json (CycloneDX)

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * A bill of materials with these packages only, the same for the same packages: without a time, and with a serial number that is made from
 * what it lists. Pure.
 * @param sbom CycloneDX, as npm writes it
 * @param {Set<string>} packages `name@version`
 * @throws Error for a package that is not in the bill: the lock file does not know it
 */
export function sbomOf(sbom, packages, name) {
  const kept = sbom.components.filter((component) => packages.has(idOf(component)))
  const known = new Set(kept.map(idOf))
  const unknown = [...packages].filter((id) => !known.has(id))
  if (unknown.length > 0) throw new Error(`not in the lock file: ${unknown.join(', ')}`)
  const root = sbom.metadata.component['bom-ref']
  const references = new Set([root, ...kept.map((component) => component['bom-ref'])])
  const dependencies = sbom.dependencies
    .filter(({ ref }) => references.has(ref))
    .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((on) => references.has(on)) }))
  const component = { ...sbom.metadata.component, properties: [{ name: 'murmuration:image', value: name }] }
  const { timestamp: _now, ...metadata } = sbom.metadata
  const made = { ...sbom, metadata: { ...metadata, component }, components: kept, dependencies }
  return { ...made, serialNumber: serialNumberOf({ ...made, serialNumber: undefined }) }
}

/** A UUID of version 8: what its bits mean is left to whoever makes it. */
function serialNumberOf(content) {
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  const variant = ((Number.parseInt(hash[16], 16) & 3) | 8).toString(16)
  const parts = [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ]
  return `urn:uuid:${parts.join('-')}`
}

function idOf({ group, name, version }) {
  return `${group ? `${group}/` : ''}${name}@${version}`
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [all, folder, name] = process.argv.slice(2)
  const packages = new Set(
    readFileSync(join(folder, 'node_modules/.packages'), 'utf8').split('\n').filter(Boolean),
  )
  const sbom = sbomOf(JSON.parse(readFileSync(all, 'utf8')), packages, name)
  writeFileSync(join(folder, 'sbom.cdx.json'), JSON.stringify(sbom))
  process.stdout.write(`${sbom.components.length} packages in the bill of materials of ${name}\n`)
}
