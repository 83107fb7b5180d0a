import { runAgent } from '@murmuration/agent'
import { wordCount } from './word-count.ts'

await runAgent(wordCount)
