/** Words of the screens under home. Chinese is the shape. */
export const zhHome = {
};
