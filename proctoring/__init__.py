"""What is seen of a person while they sit an exam: rules about pictures, pure and without a decoder."""
