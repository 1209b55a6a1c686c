// @ts-check
// What the server of this version can do beyond the basics: pages offer nothing that would be refused. One line a
// feature, so that the browser's side of a feature may be there before the server's.
export const able = new Set(/** @type {string[]} */ ([]))
