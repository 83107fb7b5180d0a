// The software bill of materials of one image: of what `npm sbom` says of the lock file, the packages that were copied.
//
//   node deploy/images/sbom-of.mjs SBOM_OF_ALL FOLDER NAME      writes FOLDER/sbom.cdx.json (CycloneDX)

import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * A bill of materials with these packages only. Pure.
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
  return { ...sbom, metadata: { ...sbom.metadata, component }, components: kept, dependencies }
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
