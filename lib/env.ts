import { type Env, parseEnv } from './parse-env.ts'

export { type Env, variableNames } from './parse-env.ts'

/** The settings of this process, read once when it starts; nothing else reads the environment. */
export const env: Env = parseEnv(process.env)

/** `npm run dev`: Next and React report faults there by means that a production build does without. */
export const isDevelopment = process.env.NODE_ENV === 'development'
