import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whose definitions the overlays `ha` (Gateway API) and `keda` need: they stand in the modules of Go, and in nothing of ours. */
const MODULES = [
  {
    module: 'sigs.k8s.io/gateway-api@v1.4.0',
    folder: 'config/crd/standard',
    files: /^gateway\.networking\.k8s\.io_/,
  },
  {
    module: 'github.com/kedacore/keda/v2@v2.21.0',
    folder: 'config/crd/bases',
    files: /^keda\.sh_(scaledobjects|triggerauthentications)\.yaml$/,
  },
]

/** The files of definitions, fetched once into Go's cache of modules. @throws where Go or the modules can't be had */
export function definitionFiles(): string[] {
  return MODULES.flatMap(({ module, folder, files }) => {
    const { Dir } = JSON.parse(
      execFileSync('go', ['mod', 'download', '-json', module], {
        cwd: tmpdir(),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    ) as { Dir: string }
    return readdirSync(join(Dir, folder))
      .filter((file) => files.test(file))
      .map((file) => join(Dir, folder, file))
  })
}
