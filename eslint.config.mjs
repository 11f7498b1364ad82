import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/', '**/*.mjs', '**/*.cjs'] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: './test/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      'no-console': 'error',
    },
  },
  // Node-RED's constructors are functions with a `this`; its listeners want it under a name.
  { files: ['nodes/**'], rules: { '@typescript-eslint/no-this-alias': ['error', { allowedNames: ['node'] }] } },
  {
    // The forms' scripts: the editor of Node-RED runs them one by one in its global scope.
    files: ['resources/**/*.js'],
    languageOptions: {
      sourceType: 'script',
      ecmaVersion: 2020,
      globals: {
        ...{
          RED: 'readonly',
          $: 'readonly',
          document: 'readonly',
          Audio: 'readonly',
          Blob: 'readonly',
          URL: 'readonly',
          setTimeout: 'readonly',
          confirm: 'readonly',
        },
        ...{
          tplinkForms: 'readonly',
          tplinkReport: 'readonly',
          tplinkFind: 'readonly',
          tplinkTune: 'readonly',
          tplinkDialect: 'readonly',
          tplinkPastedAddress: 'readonly',
        },
        ...{ tplinkTalkCameras: 'readonly', tplinkTalkSay: 'readonly', tplinkTalkSounds: 'readonly' },
      },
      parserOptions: { project: './test/types/tsconfig.json' },
    },
    rules: {
      'no-redeclare': ['error', { builtinGlobals: false }],
      '@typescript-eslint/no-unused-vars': ['error', { vars: 'local', argsIgnorePattern: '^opt$' }],
      // What a flow holds in our properties is plain, and text in the end.
      '@typescript-eslint/no-base-to-string': 'off',
    },
  },
  { files: ['test/types/**'], languageOptions: { parserOptions: { project: './test/types/tsconfig.json' } } },
  { files: ['src/cli/**', 'scripts/**', 'test/bench/**', 'test/house/{run,cures}.ts'], rules: { 'no-console': 'off' } },
  // The simulator's page, in a browser.
  {
    files: ['src/simulator/page/*.js'],
    languageOptions: { sourceType: 'script', parserOptions: { project: './src/simulator/page/tsconfig.json' } },
    // tsc knows a browser's names; a type given in a comment is not seen by the other.
    rules: { 'no-undef': 'off', '@typescript-eslint/no-unsafe-argument': 'off' },
  },
  {
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
    },
  },
);
