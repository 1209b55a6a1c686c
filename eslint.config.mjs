// What a linter holds of static/ and its tests: prettier lays the lines out, tsc knows the types, this one
// keeps functions short and statements apart. A development tool only.
import js from '@eslint/js'
import globals from 'globals'

/** How everything is written, whoever reads it. */
const EVERYWHERE = {
  'max-statements-per-line': ['error', { max: 1 }],
  // prettier lays out code, and leaves comments as they are. What cannot be broken may be longer: a type, a
  // text.
  'max-len': [
    'error',
    {
      code: 110,
      ignoreUrls: true,
      ignoreStrings: true,
      ignoreTemplateLiterals: true,
      ignoreRegExpLiterals: true,
      ignorePattern: '@(typedef|param|property|returns|type|template)\\b',
    },
  ],
  'no-nested-ternary': 'error',
  'no-var': 'error',
  'prefer-const': ['error', { destructuring: 'all' }],
  'object-shorthand': 'error',
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true }],
  'no-unused-expressions': [
    'error',
    { allowShortCircuit: true, allowTernary: true, allowTaggedTemplates: true },
  ],
  'no-console': 'error',
  'no-alert': 'error',
  'no-eval': 'error',
  'no-implied-eval': 'error',
  'no-new-func': 'error',
  'no-throw-literal': 'error',
  'no-return-assign': ['error', 'except-parens'],
  'no-self-compare': 'error',
  'no-template-curly-in-string': 'error',
  'array-callback-return': 'error',
  'default-case-last': 'error',
}

export default [
  { ignores: ['target/**', 'node_modules/**'] },
  js.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['static/**/*.js'],
    languageOptions: { ecmaVersion: 'latest', sourceType: 'module', globals: globals.browser },
    rules: {
      ...EVERYWHERE,
      'max-lines-per-function': ['error', { max: 40, skipComments: true, skipBlankLines: true }],
      'max-depth': ['error', 4],
      // Text is text: nothing becomes markup or script, whoever wrote it. The policy of the pages forbids it,
      // too.
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML'].map(property => ({ property })),
        { object: 'document', property: 'write' },
      ],
    },
  },
  {
    // Classic scripts, on other people's pages and between ours and the network: no modules, and everything
    // of each inside one function.
    files: ['static/widget.js', 'static/offline_worker.js'],
    languageOptions: { sourceType: 'script', globals: globals.serviceworker },
  },
  {
    // A story is read from its first line to its last: to cut it at a length would hide what happens in it.
    // What it runs inside a page knows both worlds.
    files: ['tests/**/*.mjs', 'script/**/*.mjs', '*.mjs'],
    languageOptions: {
      ecmaVersion: 'latest',
      sourceType: 'module',
      globals: { ...globals.node, ...globals.browser },
    },
    rules: { ...EVERYWHERE, 'no-console': 'off' },
  },
]
