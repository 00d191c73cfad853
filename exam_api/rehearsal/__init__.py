"""Rules of rehearsals: pure, asked by `usecases.rehearse`."""
