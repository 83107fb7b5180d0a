import { checkProto, generateProto, setBaseline } from './proto-tools.ts'

// `npm run proto`: writes the code of schemas/edge anew. `npm run proto -- --baseline`: and makes it what is released.
generateProto()
if (process.argv.includes('--baseline')) setBaseline()
const faults = checkProto()
for (const fault of faults) process.stderr.write(`${fault}\n`)
process.exitCode = faults.length === 0 ? 0 : 1
