import { setPriority } from 'node:os'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'vite'
import { makeWholeFolder } from '#platform/files/whole-folder.ts'
import { projectRoot } from '../project-paths.ts'
import { BUNDLED_MAINS } from './bundled-mains.ts'
import { bundleName } from './bundled-services.ts'

/** A stack that runs goes first. */
const NICENESS = 19
/** Pure JavaScript that every service loads. Others stay where they are: some find files beside themselves, some are binaries. */
const BUNDLED_PACKAGES = [/^zod($|\/)/, /^@nats-io\//, '@bufbuild/protobuf', 'croner', 'cockatiel']

/**
 * Bundles the services of a local stack into a folder, which is there as a whole or not at all.
 * @param folder absolute, within the project, so that packages are found from there
 * @throws Error when the sources can't be bundled
 */
export async function bundleServices(folder: string): Promise<void> {
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
          input: Object.fromEntries(BUNDLED_MAINS.map((main) => [bundleName(main), join(projectRoot, main)])),
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

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('usage: node deploy/local/builds/bundle-services.ts FOLDER\n')
  process.exitCode = 2
} else {
  setPriority(NICENESS)
  await bundleServices(resolve(folder))
}
