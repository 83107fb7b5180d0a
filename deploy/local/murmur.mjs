#!/usr/bin/env node
// The `murmur` command: the bootstrap, then the command-line interface.

import { runBootstrap } from './bootstrap.mjs'

runBootstrap(['murmur', ...process.argv.slice(2)])
