import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../project-paths.ts'
import { buildAsyncApi } from './asyncapi/build-asyncapi.ts'

// `npm run asyncapi`: writes docs/asyncapi.json anew. A test says when that is due.
writeFileSync(join(projectRoot, 'docs/asyncapi.json'), `${JSON.stringify(buildAsyncApi(), null, 2)}\n`)
