"""A stand-in for the Amazon services that moto lacks, strict because it reads the services' own models."""
