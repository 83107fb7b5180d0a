import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withSetupLock } from '../../deploy/local/bootstrap/setup-lock.mjs'
import { projectRoot } from '../../deploy/local/project-paths.ts'
import { printLine, runTool, step } from './gate-step.ts'

const BUILT = join(projectRoot, 'node_modules/@tapjs/test/test-built/dist/esm/index.js')
/** .taprc turns it off: it can't load the compiler that the project uses, and Node runs TypeScript by itself. */
const PLUGIN_WE_DO_WITHOUT = '@tapjs/typescript'

/**
 * tap compiles its set of plugins into node_modules; what npm installs there is the default set.
 * Under the lock, since two builds at once break each other: whoever comes second finds it built.
 */
export function ensureTapBuild(): Promise<boolean> {
  return withSetupLock(projectRoot, printLine, async () => {
    const isBuilt = existsSync(BUILT) && !readFileSync(BUILT, 'utf8').includes(PLUGIN_WE_DO_WITHOUT)
    return isBuilt || step('tap, built with the plugins of .taprc', () => runTool('tap', ['build']))
  })
}
