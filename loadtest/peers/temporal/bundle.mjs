import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleWorkflowCode } from '@temporalio/worker'

// Ahead of time, as its documentation has it for production.
const { code } = await bundleWorkflowCode({ workflowsPath: join(import.meta.dirname, 'workflows.mjs') })
writeFileSync(join(import.meta.dirname, 'workflow-bundle.js'), code)
