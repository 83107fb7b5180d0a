import { openApiDocument } from './openapi-document.ts'

// docs/openapi.json, on standard output.
process.stdout.write(`${JSON.stringify(openApiDocument(), null, 2)}\n`)
