/** One lint for all pages: typescript-eslint's strict set with types, Vue's recommended set, and the few exceptions with a reason. */
import vue from "eslint-plugin-vue";
import ts from "typescript-eslint";
import vueParser from "vue-eslint-parser";

export default ts.config(
  { ignores: ["dist/**", "node_modules/**", "kit/api.gen.d.ts"] },
  ...ts.configs.strictTypeChecked,
  ...vue.configs["flat/recommended"],
  {
    files: ["**/*.ts", "**/*.vue"],
    languageOptions: {
      parser: vueParser,
      parserOptions: { parser: ts.parser, projectService: true, extraFileExtensions: [".vue"], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "max-lines": ["error", { max: 400, skipBlankLines: true }],
      // Numbers in sentences are what templates are for.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // One-line arrows that only call something read well and lose nothing.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // A call whose outcome nobody waits for says so with void.
      "@typescript-eslint/no-floating-promises": ["error", { ignoreVoid: true }],
      // `this: void` is how a callback says that it may be taken out of its object.
      "@typescript-eslint/no-invalid-void-type": ["error", { allowAsThisParameter: true }],
      // The rule cannot see that a default is what makes a property of defineProps optional inside.
      "@typescript-eslint/no-useless-default-assignment": "off",
      // Screens are named after the screen: one word is enough.
      "vue/multi-word-component-names": "off",
      // Layout of templates is left to the hand; width is kept by max-len.
      "vue/max-attributes-per-line": "off",
      "vue/singleline-html-element-content-newline": "off",
      "vue/html-self-closing": "off",
      "vue/html-indent": "off",
      "vue/html-closing-bracket-newline": "off",
      "vue/multiline-html-element-content-newline": "off",
      "vue/first-attribute-linebreak": "off",
      "vue/attributes-order": "off",
    },
  },
  { files: ["**/*.mjs"], ...ts.configs.disableTypeChecked },
);
