/** Words of the screens under accounts. Chinese is the shape. */
export const zhAccounts = {
};
