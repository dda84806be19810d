"""Investment projects of the public: try and register, plan, one-form notice, the project's page."""
