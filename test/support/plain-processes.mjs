// Loaded into each test by the runner (.taprc). tap looks into every process that a test starts, to measure coverage, which
// is not asked for: services would start half a second later than they do, and the compiler not at all.
import processOnSpawn from 'process-on-spawn'

processOnSpawn.removeAllListeners()
const options = process.env.NODE_OPTIONS ?? ''
process.env.NODE_OPTIONS = options.replace(/"?--import=\S*@tapjs\/processinfo\S*"?/, '').trim()
// What a test forks, and its threads, would have the options of the test's own process.
process.execArgv = []
