import { dirname, join, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'vite'
import { makeWholeFolder } from '#platform/files/whole-folder.ts'
import { projectRoot } from '../project-paths.ts'
import { bundleName } from './bundled-mains.ts'

/** Pure JavaScript that every service loads. Others stay where they are: some find files beside themselves, some are binaries. */
const BUNDLED_PACKAGES = [/^zod($|\/)/, /^@nats-io\//, '@bufbuild/protobuf', 'croner', 'cockatiel']

/**
 * Bundles programs into a folder, which is there as a whole or not at all. What several of them need is in files that they share.
 * @param folder absolute, within the project, so that packages are found from there
 * @param mains from the project's root
 * @throws Error when the sources can't be bundled
 */
export async function bundleMains(folder: string, mains: readonly string[]): Promise<void> {
  await makeWholeFolder(folder, async (unfinished) => {
    await build({
      root: projectRoot,
      configFile: false,
      envDir: false,
      publicDir: false,
      logLevel: 'error',
      plugins: [ownLocations(projectRoot)],
      resolve: { conditions: ['node', 'import', 'default'] },
      ssr: { target: 'node', noExternal: BUNDLED_PACKAGES },
      build: {
        ssr: true,
        outDir: unfinished,
        target: 'node24',
        minify: false,
        rolldownOptions: {
          input: Object.fromEntries(mains.map((main) => [bundleName(main), join(projectRoot, main)])),
          output: { format: 'es', entryFileNames: '[name]', chunkFileNames: '[name]-[hash].mjs' },
        },
      },
    })
  })
}

/** A module keeps finding what lies beside its source: scripts for Redis, threads, models. */
function ownLocations(root: string): Plugin {
  return {
    name: 'own-locations',
    enforce: 'pre',
    transform(code, id) {
      const isOurs = id.startsWith(root + sep) && !relative(root, id).startsWith('node_modules')
      if (!isOurs || !code.includes('import.meta.')) return null
      return {
        code: code
          .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
          .replaceAll('import.meta.dirname', JSON.stringify(dirname(id))),
        map: null,
      }
    },
  }
}
